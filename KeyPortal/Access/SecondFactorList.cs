using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>A person's second factors by code; passkeys have a list of their own.</summary>
public sealed record SecondFactorView(bool HasTotp, DateTimeOffset? TotpAddedAt, int RecoveryCodesLeft, bool HasAny)
{
    public bool HasPasskey { get; init; }
}

/// <summary>What the account page shows of a person's second factors.</summary>
public sealed class SecondFactorList(IDbContextFactory<KeyPortalDb> contexts)
{
    /// <summary>The actor's own.</summary>
    [NeedsNothing("tells people about themselves, and keys whether their owner has a second factor")]
    public async Task<SecondFactorView> OfAsync(Actor actor, CancellationToken cancellationToken = default)
    {
        await using var db = contexts.CreateDbContext();
        var factor = await db.Set<SecondFactor>().AsNoTracking().SingleOrDefaultAsync(f => f.UserId == actor.MemberId, cancellationToken);
        var hasTotp = factor?.TotpSecret is not null;
        var hasPasskey = await db.Set<IdentityUserPasskey<string>>().AnyAsync(p => p.UserId == actor.MemberId, cancellationToken);
        return new SecondFactorView(hasTotp, hasTotp ? factor!.TotpAddedAt : null, await RecoveryCodes.LeftAsync(db, actor.MemberId, cancellationToken), hasTotp || hasPasskey)
        {
            HasPasskey = hasPasskey,
        };
    }
}
