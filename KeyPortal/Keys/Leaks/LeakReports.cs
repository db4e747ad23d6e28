using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys.Leaks;

/// <summary>Where keys were found that are no secrets any more.</summary>
/// <param name="Source">Who reports: <c>api</c>, or a scanner's name.</param>
/// <param name="Url">Where it was found, if that is told; at most <see cref="MaxUrlLength"/> characters of it are kept.</param>
public sealed record LeakReport(string Source, string? Url, Origin Origin)
{
    public const int MaxUrlLength = 500;
}

/// <summary>A key was found where it must not be. What was done about it is in the audit log; alerts listen here.</summary>
public sealed record KeyLeaked(string OrganizationId, string KeyId, string KeyName, int SecretVersion, LeakOutcome Outcome, DateTimeOffset At);

public enum LeakOutcome
{
    /// <summary>No key here has this secret.</summary>
    Unknown,

    /// <summary>It had ended before.</summary>
    EndedBefore,

    /// <summary>The current secret: the key is revoked.</summary>
    Revoked,

    /// <summary>A superseded secret within its grace period: it ended, the key goes on.</summary>
    SecretEnded,

    /// <summary>A publishable key: anybody may read it where it is used, so it is only told of.</summary>
    Told,
}

/// <summary>
/// Takes keys that somebody found: whoever holds a key may end it, for it is better ended by a stranger than used by one. Found by lookup hash or by an
/// imported fast hash, never by a slow one: nobody is to keep the cores busy with it.
/// </summary>
public sealed class LeakReports(IDbContextFactory<KeyPortalDb> contexts, KeyCache keys, Pepper pepper, SecretFinder finder, LeakMail mail, Writer writer, TimeProvider clock)
{
    public const int Most = 1000;

    private const int Remembered = 10_000;
    private static readonly TimeSpan Quiet = TimeSpan.FromDays(1);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _told = new();

    /// <summary>What became of each, in the order given. Text that is no key is unknown.</summary>
    /// <exception cref="StorageUnavailableException">Those before are ended, this one and those after are not: report them again.</exception>
    public async Task<IReadOnlyList<LeakOutcome>> ReportAsync(IReadOnlyList<string> texts, LeakReport report, CancellationToken cancellationToken = default)
    {
        var outcomes = new LeakOutcome[texts.Count];
        for (var i = 0; i < texts.Count; i++)
        {
            outcomes[i] = keys.TryRead(texts[i], out var presented) && await FindAsync(presented, cancellationToken) is { } secret
                ? await EndAsync(secret, report, cancellationToken)
                : LeakOutcome.Unknown;
        }

        return outcomes;
    }

    private async Task<KeySecret?> FindAsync(PresentedKey presented, CancellationToken cancellationToken)
    {
        var hash = pepper.HashOf(presented).ToArray();
        await using var db = contexts.CreateDbContext();
        return await db.Set<KeySecret>().AsNoTracking().SingleOrDefaultAsync(s => s.LookupHash == hash, cancellationToken) ?? await finder.FindByHashAsync(db, presented, cancellationToken);
    }

    private async Task<LeakOutcome> EndAsync(KeySecret found, LeakReport report, CancellationToken cancellationToken) => (await writer.RunAsync<LeakOutcome>(async write =>
    {
        var key = await write.Set<ApiKey>().SingleAsync(k => k.Id == found.KeyId, cancellationToken);
        var secret = await write.Set<KeySecret>().SingleAsync(s => s.KeyId == found.KeyId && s.Version == found.Version, cancellationToken);
        var outcome = Decide(key, secret, write.Now);
        if (outcome == LeakOutcome.EndedBefore || (outcome == LeakOutcome.Told && WasToldLately(key.Id)))
        {
            return outcome;
        }

        var record = Apply(key, secret, outcome, report, write.Now);
        if (outcome != LeakOutcome.Told)
        {
            key.Revision++;
            var hashes = await write.Set<KeySecret>().Where(s => s.KeyId == key.Id && s.LookupHash != null).Select(s => s.LookupHash!).ToListAsync(cancellationToken);
            write.Announce(new SecretsChanged([.. hashes.Select(h => LookupHash.From(h))]));
        }

        await AuditLog.AppendAsync(write, Actor.System(key.OrganizationId) with { Origin = report.Origin }, record, cancellationToken);
        await mail.AddAsync(write, key, outcome, report, cancellationToken);
        write.Announce(new KeyLeaked(key.OrganizationId, key.Id, key.Name, secret.Version, outcome, write.Now));
        return outcome;
    }, cancellationToken)).Value;

    private static LeakOutcome Decide(ApiKey key, KeySecret secret, DateTimeOffset now) =>
        key.IsRevoked(now) || !secret.IsLive(now) ? LeakOutcome.EndedBefore
        : key.Type == KeyType.Publishable ? LeakOutcome.Told
        : secret.Version == key.SecretVersion ? LeakOutcome.Revoked
        : LeakOutcome.SecretEnded;

    private static AuditRecord Apply(ApiKey key, KeySecret secret, LeakOutcome outcome, LeakReport report, DateTimeOffset now)
    {
        AuditRecord record;
        if (outcome == LeakOutcome.Revoked)
        {
            record = KeyRevocation.Revoke(key, now, Actor.System(key.OrganizationId).Id, RevocationReason.KeyCompromise);
        }
        else
        {
            if (outcome == LeakOutcome.SecretEnded)
            {
                secret.EndsAt = now;
                key.PreviousEndsAt = now;
            }

            record = new AuditRecord("key.leak_reported", AuditTarget.Key(key.Id, key.Name)) { Details = new JsonObject { ["effect"] = SnakeCase.Of(outcome) } };
        }

        record.Details["secret_version"] = secret.Version;
        record.Details["reported_by"] = report.Source;
        record.Details["url"] = report.Url is { } url ? url[..Math.Min(url.Length, LeakReport.MaxUrlLength)] : null;
        return record;
    }

    /// <summary>A publishable key is there for everybody to see: told once a day, or anybody could fill the log with it.</summary>
    private bool WasToldLately(string keyId)
    {
        var now = clock.GetUtcNow();
        if (_told.TryGetValue(keyId, out var last) && now - last < Quiet)
        {
            return true;
        }

        if (_told.Count >= Remembered)
        {
            _told.Clear();
        }

        _told[keyId] = now;
        return false;
    }
}
