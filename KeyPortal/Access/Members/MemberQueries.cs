using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access.Members;

/// <summary>
/// A member as the members' page shows one. <paramref name="LastActAt"/> is the newest entry of theirs in this organization's log; what they do to their account
/// stands in the log of every organization of theirs and says nothing of this one.
/// </summary>
public sealed record MemberDetails(
    string UserId, string Name, string Email, Role Role, MemberState State, DateTimeOffset JoinedAt, bool HasSecondFactor, DateTimeOffset? LastActAt);

/// <summary>An invitation nobody has answered yet; past <see cref="ExpiresAt"/> its link is void, but it can be sent again.</summary>
public sealed record InvitationDetails(string Id, string Email, Role Role, string InvitedByName, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>Which members to list. Every part is optional.</summary>
public sealed record MemberFilter
{
    public const int MaxSearchLength = 200;

    /// <summary>Part of a name or an e-mail address, in any case.</summary>
    public string? Search { get; init; }

    public Role? Role { get; init; }

    public MemberState? State { get; init; }

    public bool? HasSecondFactor { get; init; }
}

/// <summary>An organization's people in figures: active and disabled members, those of either without a second factor, unanswered invitations.</summary>
public sealed record MemberCounts(int Active, int Disabled, int WithoutSecondFactor, int Invitations);

/// <summary>Lists members and invitations as far as the actor may see them. Former members are not among them.</summary>
public sealed class MemberQueries(IDbContextFactory<KeyPortalDb> contexts, PermissionGate gate)
{
    public const int MaxPageSize = 200;

    /// <summary>By name. With a reach of their own only, an actor sees themselves.</summary>
    [Needs(Act.ReadMembers)]
    public async Task<Outcome<ResultPage<MemberDetails>>> ListAsync(Actor actor, MemberFilter filter, int limit, string? cursor, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ReadMembers, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        Cursor after = default;
        if (cursor is not null && !Cursor.TryDecode(cursor, out after))
        {
            return Refusal.Invalid("/cursor", "The cursor is not one that a list of members has answered with.");
        }

        limit = Math.Clamp(limit, 1, MaxPageSize);
        await using var db = contexts.CreateDbContext();
        var matching = Matching(Visible(db, actor), db, filter);
        var total = await matching.CountAsync(cancellationToken);
        if (cursor is not null)
        {
            var (name, id) = after;
            matching = matching.Where(m => string.Compare(m.SearchName, name) > 0 || (m.SearchName == name && string.Compare(m.UserId, id) > 0));
        }

        var acts = ActsHere(db, actor.OrganizationId);
        var page = await (from member in matching
                          join user in db.Set<IdentityUser>() on member.UserId equals user.Id
                          orderby member.SearchName, member.UserId
                          select new
                          {
                              member.SearchName,
                              Details = new MemberDetails(member.UserId, member.Name, user.Email!, member.Role, member.State, member.JoinedAt,
                                  db.Set<SecondFactor>().Any(f => f.UserId == member.UserId && f.TotpSecret != null) || db.Set<IdentityUserPasskey<string>>().Any(p => p.UserId == member.UserId),
                                  acts.Where(e => e.ActorId == member.UserId).OrderByDescending(e => e.Index).Select(e => (DateTimeOffset?)e.At).FirstOrDefault()),
                          }).Take(limit + 1).AsNoTracking().ToListAsync(cancellationToken);
        var shown = page.Take(limit).ToList();
        var next = page.Count > limit ? new Cursor(shown[^1].SearchName, shown[^1].Details.UserId).Encode() : null;
        return new ResultPage<MemberDetails>([.. shown.Select(p => p.Details)], total, next);
    }

    /// <summary>Unanswered invitations, newest first; those past their time too. None for whoever may not see other members.</summary>
    [Needs(Act.ReadMembers)]
    public async Task<Outcome<IReadOnlyList<InvitationDetails>>> InvitationsAsync(Actor actor, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ReadMembers, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var db = contexts.CreateDbContext();
        return await (from invitation in Pending(db, actor)
                      join member in db.Set<Member>() on new { invitation.OrganizationId, UserId = invitation.InvitedBy } equals new { member.OrganizationId, member.UserId }
                      orderby invitation.CreatedAt descending, invitation.Id descending
                      select new InvitationDetails(invitation.Id, invitation.Email, invitation.Role, member.Name, invitation.CreatedAt, invitation.ExpiresAt)).ToListAsync(cancellationToken);
    }

    [Needs(Act.ReadMembers)]
    public async Task<Outcome<MemberCounts>> CountAsync(Actor actor, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ReadMembers, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var db = contexts.CreateDbContext();
        var members = Visible(db, actor);
        return new MemberCounts(
            await members.CountAsync(m => m.State == MemberState.Active, cancellationToken),
            await members.CountAsync(m => m.State == MemberState.Disabled, cancellationToken),
            await Matching(members, db, new MemberFilter { HasSecondFactor = false }).CountAsync(cancellationToken),
            await Pending(db, actor).CountAsync(cancellationToken));
    }

    /// <summary>Without the entries that <see cref="SessionBeginning.RecordAsync"/> writes into every log of the account at once.</summary>
    private static IQueryable<AuditEntry> ActsHere(KeyPortalDb db, string organizationId) =>
        db.Set<AuditEntry>().Where(e => e.OrganizationId == organizationId
            && !e.Action.StartsWith("session.") && !e.Action.StartsWith("second_factor.") && !e.Action.StartsWith("recovery_codes.")
            && !e.Action.StartsWith("passkey.") && !e.Action.StartsWith("member.password_"));

    private static IQueryable<Member> Visible(KeyPortalDb db, Actor actor)
    {
        var members = db.Set<Member>().Where(m => m.OrganizationId == actor.OrganizationId && m.State != MemberState.Removed);
        return actor.ReachOf(Act.ReadMembers) == Reach.All ? members : members.Where(m => m.UserId == actor.MemberId);
    }

    private static IQueryable<Invitation> Pending(KeyPortalDb db, Actor actor)
    {
        var all = actor.ReachOf(Act.ReadMembers) == Reach.All;
        return db.Set<Invitation>().Where(i => all && i.OrganizationId == actor.OrganizationId && i.AcceptedAt == null && i.WithdrawnAt == null);
    }

    private static IQueryable<Member> Matching(IQueryable<Member> members, KeyPortalDb db, MemberFilter filter)
    {
        members = filter.Role is { } role ? members.Where(m => m.Role == role) : members;
        members = filter.State is { } state ? members.Where(m => m.State == state) : members;
        if (filter.HasSecondFactor is { } has)
        {
            members = members.Where(m => has == (db.Set<SecondFactor>().Any(f => f.UserId == m.UserId && f.TotpSecret != null) || db.Set<IdentityUserPasskey<string>>().Any(p => p.UserId == m.UserId)));
        }

        if (string.IsNullOrWhiteSpace(filter.Search))
        {
            return members;
        }

        var (lower, upper) = (filter.Search.Trim().ToLowerInvariant(), filter.Search.Trim().ToUpperInvariant());
        return members.Where(m => m.SearchName.Contains(lower) || db.Set<IdentityUser>().Any(u => u.Id == m.UserId && u.NormalizedEmail!.Contains(upper)));
    }
}
