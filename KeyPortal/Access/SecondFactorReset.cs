using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>
/// Takes every second factor from an account whose owner has lost them all, recovery codes too, and ends its sessions. Only who runs the server can: over
/// HTTP nobody, for whoever could would be worth as much as every factor of everybody.
/// </summary>
public sealed class SecondFactorReset(Writer writer, Accounts accounts, Membership membership, AccountMail mail)
{
    public async Task<Outcome<bool>> ResetAsync(string email, CancellationToken cancellationToken = default)
    {
        if (await accounts.FindByEmailAsync(email, cancellationToken) is not { } user)
        {
            return Refusal.NotFound("account");
        }

        var places = await membership.OfAsync(user.Id, cancellationToken);
        return await writer.RunAsync<bool>(async write =>
        {
            await ResetAsync(write, user.Id, places, cancellationToken);
            await mail.TellAsync(write, user.Id, "Your second factors were reset",
                "Whoever runs the server of KeyPortal removed every second factor of your account: authenticator app, passkeys and recovery codes. "
                + "You are signed out everywhere, and sign in with your password alone until you set up a second factor again.", Origin.None, cancellationToken);
            return true;
        }, cancellationToken);
    }

    /// <summary>The same inside a transaction, and without telling anybody but the logs of <paramref name="places"/>.</summary>
    internal static async Task ResetAsync(WriteTransaction write, string userId, IReadOnlyList<OrganizationView> places, CancellationToken cancellationToken = default)
    {
        await write.Set<SecondFactor>().Where(f => f.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        await write.Set<IdentityUserPasskey<string>>().Where(p => p.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        await RecoveryCodes.DropAsync(write, userId, cancellationToken);
        await Sessions.EndAllAsync(write, userId, SessionEnd.FactorsChanged, cancellationToken: cancellationToken);
        foreach (var place in places)
        {
            await AuditLog.AppendAsync(write, Actor.System(place.Id), new AuditRecord("second_factor.reset", AuditTarget.Member(userId, place.MemberName)), cancellationToken);
        }
    }
}
