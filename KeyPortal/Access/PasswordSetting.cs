using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>A new password, judged and hashed, and whose it will be.</summary>
public sealed record NewPassword(string UserId, string Hash, IReadOnlyList<OrganizationView> Places)
{
    /// <summary>Without the hash, which a record would print.</summary>
    public override string ToString() => $"{nameof(NewPassword)} {{ {UserId} }}";
}

/// <summary>What every change of a password has in common, whoever makes it: the rules, the hash, and what ends with the old one.</summary>
public sealed class PasswordSetting(PasswordGate gate, Membership membership, PasswordMails mails)
{
    public static readonly Refusal Busy = new(RefusalKind.TooMany, "busy", "The server is busy. Nothing was changed; try again in a few seconds.");

    /// <summary>Judges and hashes, before the transaction: the hash takes half a second. Refuses: the rules, <c>busy</c>.</summary>
    public async Task<Outcome<NewPassword>> PrepareAsync(IdentityUser user, string? password, CancellationToken cancellationToken = default)
    {
        var places = await membership.OfAsync(user.Id, cancellationToken);
        var broken = PasswordRules.Check(password, [user.Email, .. places.SelectMany(p => (string[])[p.MemberName, p.Name])]);
        if (broken.Count > 0)
        {
            return Refusal.Invalid(broken);
        }

        return await gate.HashAsync(password!, cancellationToken) is { } hash ? new NewPassword(user.Id, hash, places) : Busy;
    }

    /// <summary>
    /// Puts the new password in the place of the old one: every session but one ends, open pages and tokens included, links that were mailed are void, and
    /// the account is unlocked. A mail tells its owner. Recorded by the act that calls it.
    /// </summary>
    public async Task SetAsync(WriteTransaction write, NewPassword change, Origin origin, string? exceptSession = null, CancellationToken cancellationToken = default)
    {
        var user = await write.Set<IdentityUser>().SingleAsync(u => u.Id == change.UserId, cancellationToken);
        user.PasswordHash = change.Hash;
        user.SecurityStamp = Guid.NewGuid().ToString("N");
        (user.AccessFailedCount, user.LockoutEnd) = (0, null);
        await write.Set<PasswordReset>().Where(r => r.UserId == user.Id && r.UsedAt == null).ExecuteUpdateAsync(r => r.SetProperty(x => x.UsedAt, write.Now), cancellationToken);
        await Sessions.EndAllAsync(write, user.Id, SessionEnd.PasswordChanged, exceptSession, cancellationToken);
        if (user.Email is { } to)
        {
            mails.AddChanged(write, to, change.Places.Select(p => p.MemberName).FirstOrDefault() ?? to, origin);
        }
    }
}
