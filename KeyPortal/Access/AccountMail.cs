using KeyPortal.Mail;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>Tells people by mail what was done with their account, so that they hear of what they did not do themselves.</summary>
public sealed class AccountMail(Outbox outbox, PublicAddress address)
{
    private const string Unexpected = "If you did not expect it, change your password and tell an owner of your organization.";

    /// <summary>Adds a mail to the account's owner to the transaction of the act it tells of. <paramref name="what"/> is whole sentences, without a secret.</summary>
    public Task TellAsync(WriteTransaction write, string userId, string subject, string what, Origin origin, CancellationToken cancellationToken = default) =>
        TellAsync(write, userId, subject, what, Unexpected, origin, cancellationToken);

    /// <summary>Codes are asked for after the password only: if it was not the owner who typed the wrong ones, somebody else knows it. One mail a lock.</summary>
    public Task TellOfLockAsync(WriteTransaction write, string userId, Origin origin, CancellationToken cancellationToken = default) =>
        TellAsync(write, userId, "Wrong codes for your KeyPortal account", $"""
            After your right password, {SecondFactorCheck.Most} wrong codes in a row were typed for your account at {address.Name}. Its codes are locked for {SecondFactorCheck.LockFor.TotalMinutes:0} minutes; passkeys still work.
            """, $"""
            If it was not you, somebody knows your password. Nobody got in with it, for the second step held. Set a new password at once, which also ends all your sessions, and use it nowhere else:

            {address.Link(PasswordRecovery.AskPath)}
            """, origin, cancellationToken);

    private async Task TellAsync(WriteTransaction write, string userId, string subject, string what, string otherwise, Origin origin, CancellationToken cancellationToken)
    {
        if (await write.Set<IdentityUser>().Where(u => u.Id == userId).Select(u => u.Email).SingleOrDefaultAsync(cancellationToken) is not { } email)
        {
            return;
        }

        var from = origin.Ip is { } ip ? $" from the address {ip}" : "";
        outbox.Add(write, email, subject, $"""
            {what}

            This happened on {write.Now:d MMMM yyyy} at {write.Now:HH:mm} UTC{from}.

            {otherwise}
            """);
    }
}
