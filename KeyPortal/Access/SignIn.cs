using System.Text.Json.Nodes;
using KeyPortal.Access.Members;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>What became of a password.</summary>
public enum SignInOutcome
{
    /// <summary>The account has no second factor, and a session began.</summary>
    SignedIn,

    /// <summary>Right, and worth nothing before a second factor is shown too.</summary>
    SecondFactorRequired,

    /// <summary>Right, but programs may sign in only where there is a second factor, and there is none.</summary>
    SecondFactorNotSetUp,

    /// <summary>The e-mail is unknown or the password is wrong; which of the two is not told.</summary>
    InvalidCredentials,

    /// <summary>Too many wrong passwords lately, for this account or from this address.</summary>
    LockedOut,

    /// <summary>Too many sign-ins at once on this server.</summary>
    Busy,
}

/// <summary>Names a right password to the second step.</summary>
public sealed record PendingSignIn(SecretToken Token, IReadOnlyList<SecondFactorMethod> Methods);

/// <summary>A sign-in's answer: a session, or what the second step needs, or neither.</summary>
public sealed record SignInResult(SignInOutcome Outcome, SessionReference? Session = null, PendingSignIn? Pending = null);

/// <summary>
/// Checks a password. Five wrong ones lock the account for fifteen minutes, but for browsers its owner has signed in with before. An unknown e-mail costs the same bcrypt and is counted and locked alike,
/// so that neither the answer nor its time tells which accounts exist.
/// </summary>
public sealed class SignIn(IServiceScopeFactory scopes, Writer writer, PasswordGate gate, Membership membership, SessionBeginning beginning, GuessLimits guesses, KnownDevices devices, Accounts accounts, TimeProvider clock)
{
    /// <summary>How long a right password waits for its second factor.</summary>
    public static readonly TimeSpan ChallengeLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Whoever has an address without an account.</summary>
    private static readonly OrganizationView Nobody = new("org_nobody", "", Role.Auditor, "Nobody", "usr_nobody");

    private readonly UnknownEmails _unknown = new(WrongPasswords.Most, WrongPasswords.LockFor);

    /// <param name="device">What the browser's cookie says it is (<see cref="KnownDevices"/>).</param>
    public async Task<SignInResult> WithPasswordAsync(
        string email, string password, SessionKind kind, Origin origin, string? device = null, CancellationToken cancellationToken = default)
    {
        var known = devices.Open(device) is { } opened && MayExist(email, password) && await accounts.FindByEmailAsync(email, cancellationToken) is { } owner
            && KnownDevices.IsOf(opened, owner) && devices.TryBegin(opened) ? opened : null;
        if (known is null && !guesses.TryBegin(Guess.Password, origin.Ip))
        {
            return new SignInResult(SignInOutcome.LockedOut);
        }

        var result = await CheckAsync(email, password, kind, origin, isKnown: known is not null, cancellationToken);
        if (result.Outcome is SignInOutcome.InvalidCredentials or SignInOutcome.LockedOut)
        {
            return result;
        }

        if (known is null)
        {
            guesses.Forgive(Guess.Password, origin.Ip);
        }
        else if (result.Outcome == SignInOutcome.Busy)
        {
            devices.GiveBack(known);
        }
        else
        {
            devices.Forgive(known);
        }

        return result;
    }

    /// <summary>Ends a session because its holder left; the cookie itself is the HTTP layer's to drop. Recorded once.</summary>
    public async Task EndAsync(string userId, string sessionId, Origin origin, CancellationToken cancellationToken = default)
    {
        var places = await membership.OfAsync(userId, cancellationToken);
        await writer.RunAsync<bool>(async write =>
        {
            if (await Sessions.EndAsync(write, userId, sessionId, SessionEnd.SignedOut, cancellationToken))
            {
                await SessionBeginning.RecordAsync(write, places, "session.ended", AuditOutcome.Succeeded, origin, [], cancellationToken);
            }

            return true;
        }, cancellationToken);
    }

    private async Task<SignInResult> CheckAsync(string email, string password, SessionKind kind, Origin origin, bool isKnown, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<KeyPortalDb>();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<IdentityUser>>();
        var mayExist = MayExist(email, password);
        var user = mayExist ? await users.FindByEmailAsync(email) : null;
        var name = mayExist ? users.NormalizeEmail(email) : "";
        if (user is null ? _unknown.IsLocked(name, clock.Now()) : !isKnown && WrongPasswords.IsLocked(user, clock.Now()))
        {
            return new SignInResult(await gate.SpendAsync(password, cancellationToken) ? SignInOutcome.LockedOut : SignInOutcome.Busy);
        }

        var compared = user?.PasswordHash;
        var check = await gate.CheckAsync(compared, password, cancellationToken);
        if (check == PasswordCheck.Busy)
        {
            return new SignInResult(SignInOutcome.Busy);
        }

        var began = clock.GetTimestamp();
        if (user is null && mayExist)
        {
            _unknown.Count(name, clock.Now());
        }

        var result = user is null
            ? await RefuseUnknownAsync(db, origin, cancellationToken)
            : await FinishAsync(db, user, compared, check == PasswordCheck.Right, kind, origin, isKnown, cancellationToken);
        if (result.Outcome is SignInOutcome.InvalidCredentials or SignInOutcome.LockedOut)
        {
            await EvenTime.ReachAsync(clock, began, cancellationToken);
        }

        return result;
    }

    private async Task<SignInResult> FinishAsync(
        KeyPortalDb db, IdentityUser user, string? compared, bool isRight, SessionKind kind, Origin origin, bool isKnown, CancellationToken cancellationToken)
    {
        var places = await membership.OfAsync(user.Id, cancellationToken);
        return (await writer.RunAsync<SignInResult>(db, async write =>
        {
            // As it is now: of many guesses at once each must count, and none may still win after the fifth.
            await db.Entry(user).ReloadAsync(cancellationToken);
            if (!isKnown && WrongPasswords.IsLocked(user, write.Now))
            {
                return new SignInResult(SignInOutcome.LockedOut);
            }

            var right = isRight && user.PasswordHash == compared;
            if (!isKnown)
            {
                // A known device has its own count, and its owner's right password must not open the lock to strangers' next five.
                WrongPasswords.Note(user, right, write.Now);
            }

            if (right && (places.Count > 0 || (kind == SessionKind.Browser && await OpenInvitations.WaitingForAsync(write, user.Id, cancellationToken) is not null)))
            {
                return await GoOnAsync(write, user.Id, places, kind, origin, cancellationToken);
            }

            await RecordWrongAsync(write, places, origin, cancellationToken);
            return new SignInResult(SignInOutcome.InvalidCredentials);
        }, cancellationToken)).Value;
    }

    private static bool MayExist(string email, string password) => TextRules.Check(email, "E-mail", 1, Email.MaxLength) is null && PasswordRules.IsNotTooLong(password);

    private async Task<SignInResult> GoOnAsync(WriteTransaction write, string userId, IReadOnlyList<OrganizationView> places, SessionKind kind, Origin origin, CancellationToken cancellationToken)
    {
        var methods = await SecondFactors.MethodsAsync(write.Db, userId, cancellationToken);
        if (methods.Count == 0)
        {
            return kind == SessionKind.Api
                ? new SignInResult(SignInOutcome.SecondFactorNotSetUp)
                : new SignInResult(SignInOutcome.SignedIn, (await beginning.BeginAsync(write, places, userId, kind, SignInMethod.Password, origin, cancellationToken)).Value);
        }

        await write.Set<SignInChallenge>().Where(c => c.UserId == userId && c.ExpiresAt <= write.Now).ExecuteDeleteAsync(cancellationToken);
        var token = SecretToken.New();
        write.Set<SignInChallenge>().Add(new SignInChallenge { TokenHash = token.Hash, UserId = userId, Kind = kind, ExpiresAt = write.Now + ChallengeLifetime });
        return new SignInResult(SignInOutcome.SecondFactorRequired, Pending: new PendingSignIn(token, methods));
    }

    /// <summary>
    /// Reads and writes what a wrong password of an account makes KeyPortal read and write: the count, the entry in a log and the wait for the disk take
    /// milliseconds, which can be measured from outside. Changes nothing.
    /// </summary>
    private async Task<SignInResult> RefuseUnknownAsync(KeyPortalDb db, Origin origin, CancellationToken cancellationToken)
    {
        await membership.OfAsync(Nobody.UserId, cancellationToken);
        await writer.RunAsync<bool>(db, async write =>
        {
            await write.Set<IdentityUser>().SingleOrDefaultAsync(u => u.Id == Nobody.UserId, cancellationToken);
            await write.RehearseAsync(async () =>
            {
                await write.Set<IdentityUser>().Where(u => u.Id == Nobody.UserId).ExecuteUpdateAsync(u => u.SetProperty(x => x.AccessFailedCount, x => x.AccessFailedCount + 1), cancellationToken);
                await RecordWrongAsync(write, [Nobody], origin, cancellationToken);
            }, cancellationToken);
            await write.TouchAsync(cancellationToken);
            return true;
        }, cancellationToken);
        return new SignInResult(SignInOutcome.InvalidCredentials);
    }

    private static Task RecordWrongAsync(WriteTransaction write, IReadOnlyList<OrganizationView> places, Origin origin, CancellationToken cancellationToken) =>
        SessionBeginning.RecordAsync(write, places, "session.refused", AuditOutcome.Refused, origin, new JsonObject { ["reason"] = "wrong_password" }, cancellationToken);
}
