using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Mail;

/// <summary>The outbox's rows as <see cref="MailSending"/> works them off.</summary>
internal sealed class MailQueue(IDbContextFactory<KeyPortalDb> contexts, Writer writer, TimeProvider clock)
{
    /// <summary>A mail that could not be handed over for so long is given up.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromHours(24);

    private static readonly TimeSpan[] Pauses = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(6)];

    /// <summary>The mail whose turn it is; null when none is due.</summary>
    public async Task<OutgoingMail?> NextAsync(CancellationToken cancellationToken)
    {
        var now = clock.Now();
        await using var db = contexts.CreateDbContext();
        return await db.Set<OutgoingMail>().AsNoTracking().Where(m => m.NextAttemptAt <= now)
            .OrderBy(m => m.NextAttemptAt).ThenBy(m => m.Id).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Never cancelled: a mail that was handed over must not be sent again.</summary>
    public async Task RemoveAsync(OutgoingMail mail) => await writer.RunAsync<bool>(async write =>
    {
        await write.Set<OutgoingMail>().Where(m => m.Id == mail.Id).ExecuteDeleteAsync();
        return true;
    });

    /// <summary>False when its time is over and it is to be given up.</summary>
    public async Task<bool> PostponeAsync(OutgoingMail mail, string cause)
    {
        var now = clock.Now();
        var last = mail.CreatedAt + Patience;
        if (now >= last)
        {
            return false;
        }

        var next = now + Pauses[Math.Min(mail.Attempts, Pauses.Length - 1)];
        next = next < last ? next : last;
        await writer.RunAsync<bool>(async write =>
        {
            await write.Set<OutgoingMail>().Where(m => m.Id == mail.Id).ExecuteUpdateAsync(
                m => m.SetProperty(x => x.Attempts, x => x.Attempts + 1).SetProperty(x => x.NextAttemptAt, next).SetProperty(x => x.LastError, cause));
            return true;
        });
        return true;
    }
}
