using KeyPortal.Access;
using KeyPortal.Keys.Policies;
using KeyPortal.Mail;
using KeyPortal.Organizations;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys.Leaks;

/// <summary>Tells a key's owner, and those who answer for the organization, that it was found where it must not be.</summary>
public sealed class LeakMail(Outbox outbox, PublicAddress address)
{
    private const int MostRecipients = 20;

    internal async Task AddAsync(WriteTransaction write, ApiKey key, LeakOutcome outcome, LeakReport report, CancellationToken cancellationToken)
    {
        var owner = write.Set<Member>().Where(m => m.OrganizationId == key.OrganizationId && m.UserId == key.OwnerId && m.State == MemberState.Active).Select(m => m.UserId);
        var ids = await owner.ToListAsync(cancellationToken);
        ids.AddRange(await write.Set<Member>().Approving(key.OrganizationId).Select(m => m.UserId).Take(MostRecipients).ToListAsync(cancellationToken));
        var (subject, effect) = outcome switch
        {
            LeakOutcome.Revoked => ("An API key was found in public and is revoked", "It is revoked: calls with it are refused from now on. Create another key in its place, and look at the calls made with this one."),
            LeakOutcome.SecretEnded => ("An old secret of an API key was found in public and has ended", "It was a secret from before the last rotation and has ended; the key's current secret goes on working."),
            _ => ("A publishable API key was reported as leaked", "Publishable keys may be read by anybody who opens your page, so nothing was done. If it was found elsewhere, look at the origins and scopes it has."),
        };
        var where = report.Url is { Length: > 0 } url ? $"\n\nIt was found here: {Outbox.LineInText(url)}" : "";
        foreach (var to in await write.Set<IdentityUser>().Where(u => ids.Contains(u.Id) && u.Email != null).Select(u => u.Email!).ToListAsync(cancellationToken))
        {
            outbox.Add(write, to, subject, $"""
                Somebody has reported the key “{Outbox.NameInText(key.Name)}” ({key.Start}…). {effect}{where}

                {address.Link($"/keys/{key.Id}")}
                """);
        }
    }
}
