using KeyPortal.Mail;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>Tells people by mail what was done with their account, so that they hear of what they did not do themselves.</summary>
public sealed class AccountMail(Outbox outbox)
{
    /// <summary>Adds a mail to the account's owner to the transaction of the act it tells of. <paramref name="what"/> is whole sentences, without a secret.</summary>
    public async Task TellAsync(WriteTransaction write, string userId, string subject, string what, Origin origin, CancellationToken cancellationToken = default)
    {
        if (await write.Set<IdentityUser>().Where(u => u.Id == userId).Select(u => u.Email).SingleOrDefaultAsync(cancellationToken) is not { } email)
        {
            return;
        }

        var from = origin.Ip is { } ip ? $" from the address {ip}" : "";
        outbox.Add(write, email, subject, $"""
            {what}

            This happened on {write.Now:d MMMM yyyy} at {write.Now:HH:mm} UTC{from}.

            If you did not expect it, change your password and tell an owner of your organization.
            """);
    }
}
