using KeyPortal.Access;
using KeyPortal.Primitives;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace KeyPortal.Components;

/// <summary>
/// Runs a command for whoever sits before the page: asks anew who that is, and turns what goes wrong into words. A page that gets null says no more;
/// the words are on the screen already.
/// </summary>
public sealed class PageActs(CurrentMember current, NotificationService notifications, NavigationManager navigation)
{
    /// <summary>
    /// Runs <paramref name="act"/>; its refusal is the page's to show, an outage is announced here and answered with null. So is an act of nobody's: the
    /// browser goes to the sign-in page; and an act that wants a fresh sign-in leads to the page that asks for one. Dialogs stand outside the layout's error boundary, so the exception must not get further than this.
    /// </summary>
    public async Task<Outcome<T>?> TryAsync<T>(Func<Actor, Task<Outcome<T>>> act)
    {
        try
        {
            var outcome = await act(await current.RequireAsync());
            if (outcome.Refusal?.Code != FactorChanges.NotFresh.Code)
            {
                return outcome;
            }

            navigation.ToConfirmation();
            return null;
        }
        catch (StorageUnavailableException e)
        {
            Fail(e.Message);
            return null;
        }
        catch (SignedOutException)
        {
            navigation.ToSignIn();
            return null;
        }
    }

    /// <summary>The same where a refusal has no field to stand beside: it is announced, and false is returned.</summary>
    public async Task<bool> RunAsync<T>(Func<Actor, Task<Outcome<T>>> act, string done)
    {
        if (await TryAsync(act) is not { } outcome)
        {
            return false;
        }

        if (outcome.Refusal is { } refusal)
        {
            Fail(refusal.Detail);
            return false;
        }

        notifications.Notify(NotificationSeverity.Success, done, duration: 4000);
        return true;
    }

    private void Fail(string sentence) => notifications.Notify(NotificationSeverity.Error, sentence, duration: 10_000);
}
