using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>
/// Checks typed codes, for signing in and for confirming that it is still the same person. Five wrong ones in a row lock the account's codes for fifteen
/// minutes, whatever passwords were right meanwhile, and a mail tells the owner. Everything happens in the caller's transaction, which must commit a refusal's count.
/// </summary>
public sealed class SecondFactorCheck(TotpVault vault, AccountMail mail)
{
    public const int Most = 5;
    public static readonly TimeSpan LockFor = TimeSpan.FromMinutes(15);

    public static readonly Refusal InvalidCode = new(RefusalKind.Unauthenticated, "invalid_code", "This code is wrong or was used already. Type the next one that your app shows.");
    public static readonly Refusal InvalidRecoveryCode = InvalidCode with { Detail = "This is none of your recovery codes, or it was used already." };
    public static readonly Refusal Locked = new(RefusalKind.TooMany, "locked", "Too many wrong codes. Codes of this account are locked for 15 minutes.") { RetryAfter = LockFor };

    /// <summary>Null when the authenticator's code is right, which spends it and all before it: of many uses at once, one is right.</summary>
    public async Task<Refusal?> UseCodeAsync(WriteTransaction write, string userId, string? code, Origin origin, CancellationToken cancellationToken = default)
    {
        var factor = await FindAsync(write, userId, cancellationToken);
        if (factor?.LockedUntil > write.Now)
        {
            return Locked;
        }

        if (factor?.TotpSecret is not { } sealedSecret || vault.Open(sealedSecret, userId) is not { } secret || Totp.Match(secret, code, write.Now) is not { } step)
        {
            await CountAsync(write, userId, origin, cancellationToken);
            return InvalidCode;
        }

        var spent = await write.Set<SecondFactor>().Where(f => f.UserId == userId && (f.TotpLastStep == null || f.TotpLastStep < step))
            .ExecuteUpdateAsync(f => f.SetProperty(x => x.TotpLastStep, step), cancellationToken);
        if (spent == 0)
        {
            // Right once, and no guess: a form that was sent twice must not lock its owner out.
            return InvalidCode;
        }

        await ForgetAsync(write, userId, cancellationToken);
        return null;
    }

    /// <summary>Null when it is one of the account's recovery codes, which is used up with that.</summary>
    public async Task<Refusal?> UseRecoveryCodeAsync(WriteTransaction write, string userId, string? code, Origin origin, CancellationToken cancellationToken = default)
    {
        if ((await FindAsync(write, userId, cancellationToken))?.LockedUntil > write.Now)
        {
            return Locked;
        }

        if (!await RecoveryCodes.UseUpAsync(write, userId, code, cancellationToken))
        {
            await CountAsync(write, userId, origin, cancellationToken);
            return InvalidRecoveryCode;
        }

        await ForgetAsync(write, userId, cancellationToken);
        return null;
    }

    /// <summary>Starts the count again and opens the lock, after a right factor of any kind.</summary>
    public static Task ForgetAsync(WriteTransaction write, string userId, CancellationToken cancellationToken = default) =>
        write.Set<SecondFactor>().Where(f => f.UserId == userId)
            .ExecuteUpdateAsync(f => f.SetProperty(x => x.WrongCodes, 0).SetProperty(x => x.LockedUntil, (DateTimeOffset?)null), cancellationToken);

    private static Task<SecondFactor?> FindAsync(WriteTransaction write, string userId, CancellationToken cancellationToken) =>
        write.Set<SecondFactor>().AsNoTracking().SingleOrDefaultAsync(f => f.UserId == userId, cancellationToken);

    private async Task CountAsync(WriteTransaction write, string userId, Origin origin, CancellationToken cancellationToken)
    {
        var row = write.Set<SecondFactor>().Where(f => f.UserId == userId);
        if (await row.ExecuteUpdateAsync(f => f.SetProperty(x => x.WrongCodes, x => x.WrongCodes + 1), cancellationToken) == 0)
        {
            write.Set<SecondFactor>().Add(new SecondFactor { UserId = userId, WrongCodes = 1 });
            return;
        }

        var until = write.Now + LockFor;
        if (await row.Where(f => f.WrongCodes >= Most).ExecuteUpdateAsync(f => f.SetProperty(x => x.WrongCodes, 0).SetProperty(x => x.LockedUntil, until), cancellationToken) > 0)
        {
            await mail.TellOfLockAsync(write, userId, origin, cancellationToken);
        }
    }
}
