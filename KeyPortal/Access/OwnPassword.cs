using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>A typed password beside the hash it was compared with. Worth something only in <see cref="OwnPassword.UseAsync"/>.</summary>
public sealed record ComparedPassword(string? Hash, bool Right)
{
    public override string ToString() => nameof(ComparedPassword);
}

/// <summary>
/// Asks a person who is signed in for their password once more. Five wrong ones lock that for the session: whoever found an open browser gets no more
/// guesses than whoever found none. They do not count for the account, and its lock does not count here: strangers could shut out whoever is inside.
/// </summary>
public sealed class OwnPassword(IDbContextFactory<KeyPortalDb> contexts, PermissionGate gate, PasswordGate passwords, GuessLimits guesses, KnownDevices devices)
{
    public static readonly Refusal Wrong = Refusal.Invalid("/password", "This is not your password.");
    public static readonly Refusal Locked = new(RefusalKind.TooMany, "locked", "Too many wrong passwords. Try again in 15 minutes.");
    public static readonly Refusal Busy = new(RefusalKind.TooMany, "busy", "The server is busy. Nothing was changed; try again in a few seconds.");

    /// <summary>The slow part, before any transaction. Refuses where there is nothing to compare: <c>locked</c>, <c>busy</c>, <c>too_many_attempts</c>.</summary>
    [Needs(Act.ChangeOwnAccount)]
    public async Task<Outcome<ComparedPassword>> CompareAsync(Actor person, string? password, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(person, Act.ChangeOwnAccount, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (!guesses.TryBegin(Guess.Password, person.Origin.Ip))
        {
            return GuessLimits.TooMany;
        }

        var device = KnownDevices.Of(person);
        if (!devices.TryBegin(device))
        {
            return Locked;
        }

        await using var db = contexts.CreateDbContext();
        var user = await db.Set<IdentityUser>().AsNoTracking().SingleAsync(u => u.Id == person.MemberId, cancellationToken);
        var typed = password is not null && PasswordRules.IsNotTooLong(password) ? password : "";
        var check = await passwords.CheckAsync(user.PasswordHash, typed, cancellationToken);
        if (check != PasswordCheck.Wrong)
        {
            guesses.Forgive(Guess.Password, person.Origin.Ip);
        }

        if (check == PasswordCheck.Right)
        {
            devices.Forgive(device);
        }
        else if (check == PasswordCheck.Busy)
        {
            devices.GiveBack(device);
        }

        return check == PasswordCheck.Busy ? Busy : new ComparedPassword(user.PasswordHash, check == PasswordCheck.Right);
    }

    /// <summary>
    /// Inside the transaction of what the password is for: null when it is right and still the account's, else the refusal, which was recorded.
    /// The caller commits it, and does nothing else.
    /// </summary>
    public static async Task<Refusal?> UseAsync(
        WriteTransaction write, Actor person, ComparedPassword compared, IReadOnlyList<OrganizationView> places, CancellationToken cancellationToken = default)
    {
        var user = await write.Set<IdentityUser>().SingleAsync(u => u.Id == person.MemberId, cancellationToken);
        if (compared.Right && user.PasswordHash == compared.Hash)
        {
            return null;
        }

        await SessionBeginning.RecordAsync(write, places, "session.refused", AuditOutcome.Refused, person.Origin, new JsonObject { ["reason"] = "wrong_password" }, cancellationToken);
        return Wrong;
    }
}
