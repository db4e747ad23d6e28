using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>A right password that waits for its second factor: whose, and what can follow.</summary>
public sealed record PendingSecondStep(string UserId, IReadOnlyList<SecondFactorMethod> Methods);

/// <summary>What the second step began. <see cref="RecoveryCodesLeft"/> is set where one was used up for it.</summary>
public sealed record SecondStepDone(SessionReference Session)
{
    public int? RecoveryCodesLeft { get; init; }
}

/// <summary>
/// The second step of signing in, for pages and for the API alike: takes the challenge token of a right password and a second factor, and begins the
/// session. Factor, challenge and session are one transaction, so that of many tries with one code or one challenge a single one gets in.
/// </summary>
public sealed class SecondStep(
    Writer writer, IDbContextFactory<KeyPortalDb> contexts, Membership membership, SessionBeginning beginning, SecondFactorCheck check, GuessLimits guesses, AccountMail mail, TimeProvider clock)
{
    public static readonly Refusal ChallengeExpired = new(
        RefusalKind.Unauthenticated, "challenge_expired", "This sign-in took longer than 5 minutes, or was finished already. Begin again with your password.");

    /// <summary>The challenge behind a token, if it still awaits a factor and would begin a session of this kind; else null.</summary>
    public async Task<PendingSecondStep?> FindAsync(string? token, SessionKind kind, CancellationToken cancellationToken = default)
    {
        if (SecretToken.TryParse(token)?.Hash is not { } hash)
        {
            return null;
        }

        await using var db = contexts.CreateDbContext();
        return await Open(db, hash, kind, clock.Now()).Select(c => c.UserId).SingleOrDefaultAsync(cancellationToken) is { } userId
            ? new PendingSecondStep(userId, await SecondFactors.MethodsAsync(db, userId, cancellationToken))
            : null;
    }

    /// <summary>With the authenticator app's code. Refuses: <c>invalid_code</c>, <c>locked</c>, <c>challenge_expired</c>, <c>too_many_attempts</c>.</summary>
    public Task<Outcome<SecondStepDone>> WithCodeAsync(string? token, string? code, SessionKind kind, Origin origin, CancellationToken cancellationToken = default) =>
        CompleteAsync(token, kind, SignInMethod.PasswordAndTotp, origin, (write, userId) => check.UseCodeAsync(write, userId, code, origin, cancellationToken), cancellationToken);

    /// <summary>With one of the recovery codes; refuses alike. The member is told by mail.</summary>
    public Task<Outcome<SecondStepDone>> WithRecoveryCodeAsync(string? token, string? code, SessionKind kind, Origin origin, CancellationToken cancellationToken = default) =>
        CompleteAsync(token, kind, SignInMethod.PasswordAndRecoveryCode, origin, (write, userId) => check.UseRecoveryCodeAsync(write, userId, code, origin, cancellationToken), cancellationToken);

    /// <summary>
    /// With any factor. <paramref name="useUp"/> runs inside the transaction and gets the account's id; it answers null when the factor was right and is
    /// now spent, else the refusal, which is recorded and counted against the address. It must not refuse for any other reason.
    /// </summary>
    public async Task<Outcome<SecondStepDone>> CompleteAsync(
        string? token, SessionKind kind, SignInMethod method, Origin origin, Func<WriteTransaction, string, Task<Refusal?>> useUp, CancellationToken cancellationToken = default)
    {
        if (!guesses.TryBegin(Guess.SecondFactor, origin.Ip))
        {
            return GuessLimits.TooMany;
        }

        var outcome = await TryAsync(token, kind, method, origin, useUp, cancellationToken);
        if (outcome.Refusal is null)
        {
            guesses.Forgive(Guess.SecondFactor, origin.Ip);
        }

        return outcome;
    }

    private async Task<Outcome<SecondStepDone>> TryAsync(
        string? token, SessionKind kind, SignInMethod method, Origin origin, Func<WriteTransaction, string, Task<Refusal?>> useUp, CancellationToken cancellationToken)
    {
        if (SecretToken.TryParse(token)?.Hash is not { } hash || await FindAsync(token, kind, cancellationToken) is not { } pending)
        {
            return ChallengeExpired;
        }

        var places = await membership.OfAsync(pending.UserId, cancellationToken);
        var attempt = await writer.RunAsync<Attempt>(async write =>
        {
            if (!await Open(write.Db, hash, kind, write.Now).AnyAsync(cancellationToken))
            {
                return ChallengeExpired;
            }

            if (await useUp(write, pending.UserId) is { } wrong)
            {
                await SessionBeginning.RecordAsync(write, places, "session.refused", AuditOutcome.Refused, origin, Reason(method, wrong), cancellationToken);
                return new Attempt(null, wrong);
            }

            if (await Open(write.Db, hash, kind, write.Now).ExecuteUpdateAsync(c => c.SetProperty(x => x.UsedAt, write.Now), cancellationToken) == 0)
            {
                return ChallengeExpired;
            }

            var begun = await beginning.BeginAsync(write, places, pending.UserId, kind, method, origin, cancellationToken);
            return begun.Succeeded(out var session, out var refusal) ? new Attempt(await DoneAsync(write, session, method, origin, cancellationToken), null) : refusal;
        }, cancellationToken);
        return attempt.Succeeded(out var made, out var refused) ? made.Wrong is null ? made.Done! : made.Wrong : refused;
    }

    private async Task<SecondStepDone> DoneAsync(WriteTransaction write, SessionReference session, SignInMethod method, Origin origin, CancellationToken cancellationToken)
    {
        if (method != SignInMethod.PasswordAndRecoveryCode)
        {
            return new SecondStepDone(session);
        }

        var left = await RecoveryCodes.LeftAsync(write.Db, session.UserId, cancellationToken);
        await mail.TellAsync(write, session.UserId, "A recovery code was used to sign in", $"Somebody signed in to your account with your password and a recovery code. {RecoveryCodes.LeftInWords(left)}", origin, cancellationToken);
        return new SecondStepDone(session) { RecoveryCodesLeft = left };
    }

    internal static JsonObject Reason(SignInMethod method, Refusal wrong) => new()
    {
        ["reason"] = wrong.Code == SecondFactorCheck.Locked.Code ? "second_factor_locked"
            : wrong.Code == PasskeyChecks.CounterWentBack.Code ? wrong.Code
            : "wrong_second_factor",
        ["method"] = SnakeCase.Of(method),
    };

    private static IQueryable<SignInChallenge> Open(KeyPortalDb db, byte[] hash, SessionKind kind, DateTimeOffset now) =>
        db.Set<SignInChallenge>().Where(c => c.TokenHash == hash && c.Kind == kind && c.UsedAt == null && c.ExpiresAt > now);

    /// <summary>A wrong factor is no refusal of the transaction: its count and its entry must stay.</summary>
    private sealed record Attempt(SecondStepDone? Done, Refusal? Wrong);
}
