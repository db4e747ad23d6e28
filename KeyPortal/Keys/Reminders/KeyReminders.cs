using KeyPortal.Mail;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys.Reminders;

/// <summary>
/// Reminds the owners of keys, by mail, that a key expires or that its secret should be rotated: 14, 7 and 1 days before. One mail a member and run, whatever the
/// number of keys; what was sent is written with it, so that nobody is reminded twice of the same and a run that was missed is made good.
/// </summary>
public sealed partial class KeyReminders(Writer writer, IDbContextFactory<KeyPortalDb> contexts, Outbox outbox, ReminderMail mail, TimeProvider clock, ILogger<KeyReminders> log)
{
    /// <summary>Sends what is due; the number of mails. Where mails go nowhere it does nothing, and what is due then is due still once they go somewhere.</summary>
    /// <exception cref="StorageUnavailableException">The store cannot be read or written; the organizations done so far are done.</exception>
    public async Task<int> SendAsync(CancellationToken cancellationToken = default)
    {
        if (!outbox.IsRead)
        {
            return 0;
        }

        var mails = 0;
        try
        {
            await using var db = contexts.CreateDbContext();
            foreach (var organization in await db.Set<Organization>().AsNoTracking().ToListAsync(cancellationToken))
            {
                // Looked at first without a transaction: nearly always there is nothing.
                if ((await KeyDeadlines.DueAsync(db, organization.Id, organization.Policy.RotationAgeSeconds, clock.Now(), cancellationToken)).Count > 0)
                {
                    mails += (await writer.RunAsync<int>(async write => await SendAsync(write, organization.Id, cancellationToken), cancellationToken)).Value;
                }
            }
        }
        catch (Exception e) when (StorageUnavailableException.From(e) is { } outage)
        {
            throw outage;
        }

        if (mails > 0)
        {
            Log.Sent(log, mails);
        }

        return mails;
    }

    private async Task<int> SendAsync(WriteTransaction write, string organizationId, CancellationToken cancellationToken)
    {
        var organization = await write.Set<Organization>().AsNoTracking().SingleAsync(o => o.Id == organizationId, cancellationToken);
        var due = await KeyDeadlines.DueAsync(write.Db, organizationId, organization.Policy.RotationAgeSeconds, write.Now, cancellationToken);
        write.Set<SentReminder>().AddRange(due.Select(d => d.Sent(write.Now)));

        var people = await (from member in write.Set<Member>()
                            join account in write.Set<IdentityUser>() on member.UserId equals account.Id
                            where member.OrganizationId == organizationId && member.State == MemberState.Active && account.Email != null
                            select new { member.UserId, member.Role, account.Email }).ToListAsync(cancellationToken);
        var emails = people.ToDictionary(p => p.UserId, p => p.Email!);
        var owners = people.Where(p => p.Role == Role.Owner).Select(p => p.Email!).ToList();
        var letters = from reminder in due
                      let isThere = emails.ContainsKey(reminder.Key.OwnerId)
                      from to in isThere ? (IReadOnlyList<string>)[emails[reminder.Key.OwnerId]] : owners
                      group (reminder, isThere) by to;
        var mails = 0;
        foreach (var letter in letters)
        {
            mail.Add(write, letter.Key, organization.Name, [.. letter]);
            mails++;
        }

        return mails;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Reminded of keys that expire or should be rotated, in {Mails} mails")]
        public static partial void Sent(ILogger logger, int mails);
    }
}
