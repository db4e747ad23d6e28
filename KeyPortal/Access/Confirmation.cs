using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;

namespace KeyPortal.Access;

/// <summary>
/// Makes a session fresh again: the person shows all factors once more, and gets a session of a new id for it. What a stolen cookie alone must not be
/// enough for asks for this first (<see cref="FactorChanges"/>).
/// </summary>
public sealed class Confirmation(Writer writer, OwnPassword passwords, SecondFactorCheck check, SessionBeginning beginning, Membership membership, PermissionGate gate, GuessLimits guesses)
{
    private static readonly Refusal CodeWanted = Refusal.Invalid("/code", "Your account has a second factor. Show that one too.");

    /// <summary>With the password and, where the account has a second factor, the authenticator app's code. Refuses a wrong one of either, <c>locked</c>, <c>busy</c>, <c>too_many_attempts</c>.</summary>
    [Needs(Act.ChangeOwnAccount)]
    public Task<Outcome<SessionReference>> WithCodeAsync(Actor actor, string? password, string? code, CancellationToken cancellationToken = default) =>
        WithPasswordAsync(actor, password, SignInMethod.PasswordAndTotp, write => check.UseCodeAsync(write, actor.MemberId, code, actor.Origin, cancellationToken), cancellationToken);

    /// <summary>With the password and one of the recovery codes.</summary>
    [Needs(Act.ChangeOwnAccount)]
    public Task<Outcome<SessionReference>> WithRecoveryCodeAsync(Actor actor, string? password, string? code, CancellationToken cancellationToken = default) =>
        WithPasswordAsync(actor, password, SignInMethod.PasswordAndRecoveryCode, write => check.UseRecoveryCodeAsync(write, actor.MemberId, code, actor.Origin, cancellationToken), cancellationToken);

    /// <summary>With the password alone, which is all there is to show for who has no second factor.</summary>
    [Needs(Act.ChangeOwnAccount)]
    public Task<Outcome<SessionReference>> WithPasswordAloneAsync(Actor actor, string? password, CancellationToken cancellationToken = default) =>
        WithPasswordAsync(actor, password, SignInMethod.Password,
            async write => await SecondFactors.HasAnyAsync(write.Db, actor.MemberId, cancellationToken) ? CodeWanted : null, cancellationToken);

    /// <summary>
    /// With any proof. <paramref name="prove"/> runs inside the transaction and answers null when the person has shown all factors, else the refusal; what
    /// it wrote is kept in either case.
    /// </summary>
    [Needs(Act.ChangeOwnAccount)]
    public async Task<Outcome<SessionReference>> CompleteAsync(
        Actor actor, SignInMethod method, Func<WriteTransaction, IReadOnlyList<OrganizationView>, Task<Refusal?>> prove, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ChangeOwnAccount, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (!guesses.TryBegin(Guess.SecondFactor, actor.Origin.Ip))
        {
            return GuessLimits.TooMany;
        }

        var places = await membership.OfAsync(actor.MemberId, cancellationToken);
        var attempt = await writer.RunAsync<Attempt>(async write =>
        {
            if (await prove(write, places) is { } wrong)
            {
                return new Attempt(null, wrong);
            }

            if (!(await beginning.RenewAsync(write, actor, SessionKind.Browser, method, cancellationToken)).Succeeded(out var session, out var over))
            {
                return over;
            }

            await SessionBeginning.RecordAsync(write, places, "session.confirmed", AuditOutcome.Succeeded, actor.Origin, new JsonObject { ["method"] = SnakeCase.Of(method) }, cancellationToken);
            return new Attempt(new SessionReference(session.Id, actor.MemberId, actor.OrganizationId), null);
        }, cancellationToken);
        if (attempt is { Refusal: null, Value.Session: { } renewed })
        {
            guesses.Forgive(Guess.SecondFactor, actor.Origin.Ip);
            return renewed;
        }

        return attempt.Refusal ?? attempt.Value.Wrong!;
    }

    private async Task<Outcome<SessionReference>> WithPasswordAsync(
        Actor actor, string? password, SignInMethod method, Func<WriteTransaction, Task<Refusal?>> useFactor, CancellationToken cancellationToken)
    {
        if (!(await passwords.CompareAsync(actor, password, cancellationToken)).Succeeded(out var compared, out var refusal))
        {
            return refusal;
        }

        return await CompleteAsync(actor, method, async (write, places) =>
        {
            // The password first: while it is wrong, no code is spent.
            if (await OwnPassword.UseAsync(write, actor, compared, places, cancellationToken) is { } wrong)
            {
                return wrong;
            }

            if (await useFactor(write) is not { } refused)
            {
                return null;
            }

            await SessionBeginning.RecordAsync(write, places, "session.refused", AuditOutcome.Refused, actor.Origin, SecondStep.Reason(method, refused), cancellationToken);
            return refused;
        }, cancellationToken);
    }

    /// <summary>A wrong proof is no refusal of the transaction: its count and its entry must stay.</summary>
    private sealed record Attempt(SessionReference? Session, Refusal? Wrong);
}
