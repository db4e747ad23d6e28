using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>A factor was added: the session that takes the place of the person's present one, and recovery codes if it was their first.</summary>
public sealed record FactorAdded(SessionReference Session, PlainRecoveryCodes? RecoveryCodes);

/// <summary>A second factor in words: its kind, and the name it was given where a person may have several.</summary>
public sealed record NamedFactor(SecondFactorMethod Method, string? Name = null)
{
    public static implicit operator NamedFactor(SecondFactorMethod method) => new(method);
}

/// <summary>
/// What every change of a person's second factors has in common, whatever kind they are: it needs a fresh sign-in, it ends the person's other sessions,
/// and it is recorded in each of their organizations.
/// </summary>
public sealed class FactorChanges(Sessions sessions, SessionBeginning beginning)
{
    public static readonly Refusal NotFresh = new(
        RefusalKind.NotAllowed, "fresh_sign_in_required", "Confirm that it is you first: this needs a sign-in of the last few minutes.");

    /// <summary>Refused unless the person showed all factors a few minutes ago at most.</summary>
    public async Task<Refusal?> RefuseStaleAsync(KeyPortalDb db, Actor person, CancellationToken cancellationToken = default) =>
        await db.Set<Session>().AsNoTracking().SingleOrDefaultAsync(s => s.Id == person.SessionId && s.UserId == person.MemberId && s.EndedAt == null, cancellationToken) is { } session
        && sessions.IsFresh(session) ? null : NotFresh;

    /// <summary>The same for adding a factor, which who has none yet may do at any time.</summary>
    public async Task<Refusal?> RefuseAddingAsync(KeyPortalDb db, Actor person, CancellationToken cancellationToken = default) =>
        await SecondFactors.HasAnyAsync(db, person.MemberId, cancellationToken) ? await RefuseStaleAsync(db, person, cancellationToken) : null;

    /// <summary>
    /// Follows the writing of a new factor, in its transaction. <paramref name="places"/> are the person's organizations, <paramref name="shown"/> is what
    /// they have now shown.
    /// </summary>
    /// <param name="isFirst">Had the person no second factor before?</param>
    public async Task<FactorAdded> AddedAsync(
        WriteTransaction write, Actor person, IReadOnlyList<OrganizationView> places, NamedFactor factor, SignInMethod shown, bool isFirst, CancellationToken cancellationToken = default)
    {
        var session = await RenewAsync(write, person, shown, cancellationToken);
        await RecordAsync(write, person, places, "added", factor, cancellationToken);
        return new FactorAdded(session, isFirst ? await RecoveryCodes.IssueAsync(write, person.MemberId, cancellationToken) : null);
    }

    /// <summary>Gives the person's browser a session of a new id, as fresh as can be, and ends every other one of theirs.</summary>
    public async Task<SessionReference> RenewAsync(WriteTransaction write, Actor person, SignInMethod shown, CancellationToken cancellationToken = default)
    {
        await Sessions.EndAllAsync(write, person.MemberId, SessionEnd.FactorsChanged, exceptId: person.SessionId, cancellationToken);
        var session = await beginning.RenewAsync(write, person, SessionKind.Browser, shown, cancellationToken);
        return new SessionReference(session.Id, person.MemberId, person.OrganizationId);
    }

    /// <summary><c>second_factor.added</c>, <c>passkey.removed</c>: <paramref name="verb"/> is the second half.</summary>
    internal static Task RecordAsync(
        WriteTransaction write, Actor person, IReadOnlyList<OrganizationView> places, string verb, NamedFactor factor, CancellationToken cancellationToken)
    {
        var (noun, details) = factor.Method == SecondFactorMethod.Passkey
            ? ("passkey", new JsonObject { ["name"] = factor.Name })
            : ("second_factor", new JsonObject { ["method"] = SnakeCase.Of(factor.Method) });
        return SessionBeginning.RecordAsync(write, places, $"{noun}.{verb}", AuditOutcome.Succeeded, person.Origin, details, cancellationToken);
    }
}
