using System.Security.Cryptography;
using KeyPortal.Primitives;
using Microsoft.AspNetCore.DataProtection;

namespace KeyPortal.Access;

/// <summary>
/// Encrypts TOTP secrets with the data-protection ring: unlike a password they must be read again, and a stolen database alone must not give them
/// away. Each is bound to its account, so that one row's secret is worth nothing in another row.
/// </summary>
public sealed partial class TotpVault(IDataProtectionProvider protection, ILogger<TotpVault> log)
{
    private const string Purpose = "KeyPortal.Access.TotpSecret.v1";
    private const string OfferPurpose = "KeyPortal.Access.TotpOffer.v1";

    public string Seal(TotpSecret secret, string userId) => ProtectorOf(userId).Protect(secret.ExposeBase32());

    /// <summary>Null when the ring that sealed it is gone, as after a restore elsewhere without secrets; a recovery code then still opens the account.</summary>
    public TotpSecret? Open(string sealedSecret, string userId)
    {
        try
        {
            return TotpSecret.TryParse(ProtectorOf(userId).Unprotect(sealedSecret));
        }
        catch (CryptographicException e)
        {
            Log.CannotOpen(log, userId, e.Message);
            return null;
        }
    }

    /// <summary>Seals a secret that is offered but not stored, for the page to send back. Only the session that was shown it can.</summary>
    public string SealOffer(TotpSecret secret, Actor person, TimeSpan lifetime) => OfferProtectorOf(person).Protect(secret.ExposeBase32(), lifetime);

    /// <summary>Null for what is too old, not ours, another person's, or from before the session's id changed.</summary>
    public TotpSecret? OpenOffer(string? sealedOffer, Actor person)
    {
        try
        {
            return string.IsNullOrEmpty(sealedOffer) ? null : TotpSecret.TryParse(OfferProtectorOf(person).Unprotect(sealedOffer));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private ITimeLimitedDataProtector OfferProtectorOf(Actor person) =>
        protection.CreateProtector(OfferPurpose, person.MemberId, person.SessionId ?? "").ToTimeLimitedDataProtector();

    private IDataProtector ProtectorOf(string userId) => protection.CreateProtector(Purpose, userId);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The authenticator secret of {UserId} cannot be decrypted, so no code of theirs is right: the protection ring it was sealed with is gone. {Cause}")]
        public static partial void CannotOpen(ILogger logger, string userId, string cause);
    }
}
