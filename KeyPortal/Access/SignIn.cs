using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;

namespace KeyPortal.Access;

/// <summary>What became of a sign-in.</summary>
public enum SignInOutcome
{
    SignedIn,

    /// <summary>The e-mail is unknown or the password is wrong; which of the two is not told.</summary>
    InvalidCredentials,

    /// <summary>Too many wrong passwords lately.</summary>
    LockedOut,

    /// <summary>Too many sign-ins at once on this server.</summary>
    Busy,
}

/// <summary>A sign-in's answer; the account only where it succeeded.</summary>
public sealed record SignInResult(SignInOutcome Outcome, string? UserId = null, string? OrganizationId = null);

/// <summary>
/// Checks a password. Five wrong ones lock the account for fifteen minutes. An unknown e-mail costs the same bcrypt and is counted and locked alike,
/// so that neither the answer nor its time tells which accounts exist.
/// </summary>
public sealed class SignIn(IServiceScopeFactory scopes, Writer writer, PasswordGate gate, Membership membership, TimeProvider clock)
{
    private readonly UnknownEmails _unknown = new(WrongPasswords.Most, WrongPasswords.LockFor);

    public async Task<SignInResult> WithPasswordAsync(string email, string password, Origin origin, CancellationToken cancellationToken = default)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<KeyPortalDb>();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<IdentityUser>>();
        var mayExist = TextRules.Check(email, "E-mail", 1, Email.MaxLength) is null && password.Length <= PasswordSettings.MaxLength;
        var user = mayExist ? await users.FindByEmailAsync(email) : null;
        var name = mayExist ? users.NormalizeEmail(email) : "";
        if (user is null ? _unknown.IsLocked(name, clock.Now()) : WrongPasswords.IsLocked(user, clock.Now()))
        {
            return new SignInResult(await gate.SpendAsync(password, cancellationToken) ? SignInOutcome.LockedOut : SignInOutcome.Busy);
        }

        var compared = user?.PasswordHash;
        var check = await gate.CheckAsync(compared, password, cancellationToken);
        if (check == PasswordCheck.Busy)
        {
            return new SignInResult(SignInOutcome.Busy);
        }

        if (user is null)
        {
            if (mayExist)
            {
                _unknown.Count(name, clock.Now());
            }

            await TakeAsLongAsync(db, cancellationToken);
            return new SignInResult(SignInOutcome.InvalidCredentials);
        }

        var places = await membership.OfAsync(user.Id, cancellationToken);
        var finished = await writer.RunAsync<SignInResult>(db, async write =>
        {
            // As it is now: of many guesses at once each must count, and none may still win after the fifth.
            await db.Entry(user).ReloadAsync(cancellationToken);
            if (WrongPasswords.IsLocked(user, write.Now))
            {
                return new SignInResult(SignInOutcome.LockedOut);
            }

            var right = check == PasswordCheck.Right && user.PasswordHash == compared;
            WrongPasswords.Note(user, right, write.Now);
            foreach (var place in places)
            {
                await AuditLog.AppendAsync(write, Actor(place, origin), new AuditRecord(right ? "session.started" : "session.refused", AuditTarget.Member(user.Id, place.MemberName))
                {
                    Outcome = right ? AuditOutcome.Succeeded : AuditOutcome.Refused,
                }, cancellationToken);
            }

            return right && places.Count > 0
                ? new SignInResult(SignInOutcome.SignedIn, user.Id, places[0].Id)
                : new SignInResult(SignInOutcome.InvalidCredentials);
        }, cancellationToken);
        return finished.Value;
    }

    /// <summary>Records that a member left; the cookie itself is the HTTP layer's to drop.</summary>
    public async Task EndAsync(string userId, Origin origin, CancellationToken cancellationToken = default)
    {
        var places = await membership.OfAsync(userId, cancellationToken);
        await writer.RunAsync<bool>(async write =>
        {
            foreach (var place in places)
            {
                await AuditLog.AppendAsync(write, Actor(place, origin), new AuditRecord("session.ended", AuditTarget.Member(userId, place.MemberName)), cancellationToken);
            }

            return true;
        }, cancellationToken);
    }

    /// <summary>
    /// Reads and writes about what a wrong password of an account makes KeyPortal read and write: waiting for the disk takes milliseconds, which can be
    /// measured from outside. Changes nothing.
    /// </summary>
    private async Task TakeAsLongAsync(KeyPortalDb db, CancellationToken cancellationToken)
    {
        await membership.OfAsync("", cancellationToken);
        await writer.RunAsync<bool>(db, async write =>
        {
            await write.TouchAsync(cancellationToken);
            return true;
        }, cancellationToken);
    }

    private static Actor Actor(OrganizationView place, Origin origin) => CurrentMember.ActorOf(place, origin);
}
