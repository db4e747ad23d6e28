using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Mail;
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
public sealed class FactorChanges(Sessions sessions, SessionBeginning beginning, PermissionGate gate, IDbContextFactory<KeyPortalDb> contexts, AccountMail mail)
{
    public static readonly Refusal NotFresh = new(
        RefusalKind.NotAllowed, "fresh_sign_in_required", "Confirm that it is you first: this needs a sign-in of the last few minutes.");

    /// <summary>
    /// Before a transaction: may the person add, remove or renew factors now? Also the first: else an open browser or a stolen cookie would be enough to
    /// take an account over for good.
    /// </summary>
    [Needs(Act.ChangeOwnAccount)]
    public async Task<Refusal?> RefuseAsync(Actor person, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(person, Act.ChangeOwnAccount, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var db = contexts.CreateDbContext();
        return await RefuseStaleAsync(db, person, cancellationToken);
    }

    /// <summary>Refused unless the person showed all factors a few minutes ago at most.</summary>
    public async Task<Refusal?> RefuseStaleAsync(KeyPortalDb db, Actor person, CancellationToken cancellationToken = default) =>
        await db.Set<Session>().AsNoTracking().SingleOrDefaultAsync(s => s.Id == person.SessionId && s.UserId == person.MemberId && s.EndedAt == null, cancellationToken) is { } session
        && sessions.IsFresh(session) ? null : NotFresh;

    /// <summary>
    /// Follows the writing of a new factor, in its transaction. <paramref name="places"/> are the person's organizations, <paramref name="shown"/> is what
    /// they have now shown.
    /// </summary>
    /// <param name="isFirst">Had the person no second factor before?</param>
    public async Task<Outcome<FactorAdded>> AddedAsync(
        WriteTransaction write, Actor person, IReadOnlyList<OrganizationView> places, NamedFactor factor, SignInMethod shown, bool isFirst, CancellationToken cancellationToken = default)
    {
        if (!(await RenewAsync(write, person, shown, cancellationToken)).Succeeded(out var session, out var refusal))
        {
            return refusal;
        }

        await RecordAsync(write, person, places, "added", factor, cancellationToken);
        await mail.TellAsync(write, person.MemberId, "A second factor was added to your account", $"{Named(factor)} was added to your account as a second factor. Your other sessions were ended.", person.Origin, cancellationToken);
        return new FactorAdded(session, isFirst ? await RecoveryCodes.IssueAsync(write, person.MemberId, cancellationToken) : null);
    }

    /// <summary>Gives the person's browser a session of a new id, as fresh as can be, and ends every other one of theirs.</summary>
    public async Task<Outcome<SessionReference>> RenewAsync(WriteTransaction write, Actor person, SignInMethod shown, CancellationToken cancellationToken = default)
    {
        await Sessions.EndAllAsync(write, person.MemberId, SessionEnd.FactorsChanged, exceptId: person.SessionId, cancellationToken);
        return (await beginning.RenewAsync(write, person, SessionKind.Browser, shown, cancellationToken)).Succeeded(out var session, out var refusal)
            ? new SessionReference(session.Id, person.MemberId, person.OrganizationId)
            : refusal;
    }

    /// <summary>Follows the removal of a factor, in its transaction: ends the person's other sessions, records it, and tells them.</summary>
    internal async Task RemovedAsync(WriteTransaction write, Actor person, IReadOnlyList<OrganizationView> places, NamedFactor factor, bool wasLast, CancellationToken cancellationToken)
    {
        await Sessions.EndAllAsync(write, person.MemberId, SessionEnd.FactorsChanged, exceptId: person.SessionId, cancellationToken);
        await RecordAsync(write, person, places, "removed", factor, cancellationToken);
        var left = wasLast ? "It was your last: you now sign in with your password alone, and your recovery codes are gone too." : "Your other second factors still work.";
        await mail.TellAsync(write, person.MemberId, "A second factor was removed from your account",
            $"{Named(factor)} was removed from your account. {left} Your other sessions were ended.", person.Origin, cancellationToken);
    }

    private static string Named(NamedFactor factor) =>
        factor.Method != SecondFactorMethod.Passkey ? "An authenticator app" : factor.Name is { } name ? $"The passkey \u201c{Outbox.NameInText(name)}\u201d" : "A passkey";

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
