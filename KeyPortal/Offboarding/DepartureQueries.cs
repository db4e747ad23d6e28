using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Usage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Offboarding;

/// <summary>A key of somebody who is to go, with its valid calls of the last 24 hours; null where the actor may not know them.</summary>
public sealed record KeyAtStake(string Id, string Name, string Start, KeyEnvironment Environment, KeyStatus Status, bool ManagesKeyPortal, long? Calls);

/// <summary>Whom the keys could go to.</summary>
public sealed record Heir(string UserId, string Name, Role Role, int Keys);

/// <summary>What is at stake when a member goes: the keys that are not revoked, those that work in live first, and who could take them over.</summary>
public sealed record Departure(IReadOnlyList<KeyAtStake> Keys, IReadOnlyList<Heir> Heirs, int KeysPerMember)
{
    public long Calls => Keys.Sum(k => k.Calls ?? 0);
}

/// <summary>Tells what a removal will do before it is done.</summary>
public sealed class DepartureQueries(IDbContextFactory<KeyPortalDb> contexts, PermissionGate gate, UsageQueries usage, TimeProvider clock)
{
    private const int Busiest = 10_000;

    /// <summary>For oneself, or for whoever manages members. There are heirs only for the latter.</summary>
    [Needs(Act.ManageMembers)]
    public async Task<Outcome<Departure>> PrepareAsync(Actor actor, string userId, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, userId == actor.MemberId ? Act.ChangeOwnAccount : Act.ManageMembers, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var now = clock.Now();
        await using var db = contexts.CreateDbContext();
        var members = db.Set<Member>().Where(m => m.OrganizationId == actor.OrganizationId && m.State != MemberState.Removed);
        if (!await members.AnyAsync(m => m.UserId == userId, cancellationToken))
        {
            return Refusal.NotFound("member");
        }

        var owned = db.Set<ApiKey>().Where(k => k.OrganizationId == actor.OrganizationId && (k.RevokedAt == null || k.RevokedAt > now));
        var keys = await owned.AsNoTracking().Where(k => k.OwnerId == userId).ToListAsync(cancellationToken);
        var heirs = actor.May(Act.ManageMembers)
            ? await members.Where(m => m.UserId != userId && m.State == MemberState.Active && m.Role != Role.Auditor).OrderBy(m => m.SearchName).ThenBy(m => m.UserId)
                .Select(m => new Heir(m.UserId, m.Name, m.Role, owned.Count(k => k.OwnerId == m.UserId && (k.ExpiresAt == null || k.ExpiresAt > now)))).ToListAsync(cancellationToken)
            : [];
        var limit = (await db.Set<Organization>().AsNoTracking().SingleAsync(o => o.Id == actor.OrganizationId, cancellationToken)).Policy.KeysPerMember;
        var calls = (await usage.BusiestKeysAsync(actor, UsagePeriod.Hours24, Busiest, cancellationToken)).Succeeded(out var busiest, out _)
            ? busiest.ToDictionary(b => b.KeyId, b => b.Calls - b.Refused)
            : null;
        var atStake = keys.Select(k => new KeyAtStake(
            k.Id, k.Name, k.Start, k.Environment, k.StatusAt(now), k.Scopes.Any(s => Scope.TryParse(s, out var scope) && OwnScopes.GrantedBy(scope).Any()), calls?.GetValueOrDefault(k.Id)));
        return new Departure(
            [.. atStake.OrderByDescending(k => k.Status == KeyStatus.Active).ThenByDescending(k => k.Environment == KeyEnvironment.Live).ThenByDescending(k => k.Calls).ThenBy(k => k.Name)],
            heirs, limit);
    }
}
