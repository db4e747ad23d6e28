using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>What can follow a password.</summary>
public enum SecondFactorMethod
{
    Totp,
    RecoveryCode,
    Passkey,
}

/// <summary>Which second factors an account has.</summary>
public static class SecondFactors
{
    /// <summary>A TOTP authenticator or a passkey. Recovery codes alone are none: they replace one that is lost.</summary>
    public static async Task<bool> HasAnyAsync(KeyPortalDb db, string userId, CancellationToken cancellationToken = default) =>
        await db.Set<SecondFactor>().AnyAsync(f => f.UserId == userId && f.TotpSecret != null, cancellationToken)
        || await db.Set<IdentityUserPasskey<string>>().AnyAsync(p => p.UserId == userId, cancellationToken);

    /// <summary>The methods that are open to this account; empty when it has no second factor.</summary>
    public static async Task<IReadOnlyList<SecondFactorMethod>> MethodsAsync(KeyPortalDb db, string userId, CancellationToken cancellationToken = default)
    {
        List<SecondFactorMethod> methods = [];
        if (await db.Set<SecondFactor>().AnyAsync(f => f.UserId == userId && f.TotpSecret != null, cancellationToken))
        {
            methods.Add(SecondFactorMethod.Totp);
        }

        if (await db.Set<IdentityUserPasskey<string>>().AnyAsync(p => p.UserId == userId, cancellationToken))
        {
            methods.Add(SecondFactorMethod.Passkey);
        }

        if (methods.Count > 0 && await db.Set<RecoveryCode>().AnyAsync(c => c.UserId == userId && c.UsedAt == null, cancellationToken))
        {
            methods.Add(SecondFactorMethod.RecoveryCode);
        }

        return methods;
    }
}
