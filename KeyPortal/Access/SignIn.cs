using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;

namespace KeyPortal.Access;

/// <summary>What became of a sign-in.</summary>
public enum SignInOutcome
{
    SignedIn,

    /// <summary>The e-mail is unknown or the password is wrong; which of the two is not told.</summary>
    InvalidCredentials,

    /// <summary>Too many wrong passwords lately.</summary>
    LockedOut,

    /// <summary>Too many sign-ins at once on this server.</summary>
    Busy,
}

/// <summary>A sign-in's answer; the account only where it succeeded.</summary>
public sealed record SignInResult(SignInOutcome Outcome, string? UserId = null, string? OrganizationId = null);

/// <summary>
/// Checks a password. Five wrong ones lock the account for fifteen minutes. An unknown e-mail costs the same bcrypt, so that the answer's time
/// does not tell which accounts exist.
/// </summary>
public sealed class SignIn(IServiceScopeFactory scopes, Writer writer, PasswordGate gate, Membership membership)
{
    public async Task<SignInResult> WithPasswordAsync(string email, string password, Origin origin, CancellationToken cancellationToken = default)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<KeyPortalDb>();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<IdentityUser>>();
        var user = password.Length <= PasswordSettings.MaxLength ? await users.FindByEmailAsync(email) : null;
        if (user is not null && await users.IsLockedOutAsync(user))
        {
            user = null;
            if (await gate.SpendAsync(password, cancellationToken))
            {
                return new SignInResult(SignInOutcome.LockedOut);
            }
        }

        var check = await gate.CheckAsync(user?.PasswordHash, password, cancellationToken);
        if (check == PasswordCheck.Busy)
        {
            return new SignInResult(SignInOutcome.Busy);
        }

        if (user is null)
        {
            return new SignInResult(SignInOutcome.InvalidCredentials);
        }

        var places = await membership.OfAsync(user.Id, cancellationToken);
        await writer.RunAsync<bool>(db, async write =>
        {
            if (check == PasswordCheck.Wrong)
            {
                await users.AccessFailedAsync(user);
            }
            else
            {
                await users.ResetAccessFailedCountAsync(user);
            }

            foreach (var place in places)
            {
                await AuditLog.AppendAsync(write, Actor(place, origin), new AuditRecord(
                    check == PasswordCheck.Right ? "session.started" : "session.refused",
                    AuditTarget.Member(user.Id, place.MemberName))
                {
                    Outcome = check == PasswordCheck.Right ? AuditOutcome.Succeeded : AuditOutcome.Refused,
                }, cancellationToken);
            }

            return true;
        }, cancellationToken);
        return check == PasswordCheck.Right && places.Count > 0
            ? new SignInResult(SignInOutcome.SignedIn, user.Id, places[0].Id)
            : new SignInResult(SignInOutcome.InvalidCredentials);
    }

    /// <summary>Records that a member left; the cookie itself is the HTTP layer's to drop.</summary>
    public async Task EndAsync(string userId, Origin origin, CancellationToken cancellationToken = default)
    {
        var places = await membership.OfAsync(userId, cancellationToken);
        await writer.RunAsync<bool>(async write =>
        {
            foreach (var place in places)
            {
                await AuditLog.AppendAsync(write, Actor(place, origin), new AuditRecord("session.ended", AuditTarget.Member(userId, place.MemberName)), cancellationToken);
            }

            return true;
        }, cancellationToken);
    }

    private static Actor Actor(OrganizationView place, Origin origin) => CurrentMember.ActorOf(place, origin);
}
