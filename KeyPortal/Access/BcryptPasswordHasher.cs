using System.ComponentModel.DataAnnotations;
using KeyPortal.Primitives;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace KeyPortal.Access;

/// <summary>Settings <c>KeyPortal:Passwords:*</c>.</summary>
public sealed class PasswordSettings
{
    public const string Section = "KeyPortal:Passwords";
    public const int MinLength = 12;
    public const int MaxLength = 128;

    /// <summary>bcrypt's cost for members' passwords: 2^cost rounds. 12 takes about half a second of one core.</summary>
    [Range(Bcrypt.MinCost, Bcrypt.MaxCost, ErrorMessage = "KeyPortal:Passwords:BcryptCost must be from 4 to 31.")]
    public int BcryptCost { get; set; } = 12;
}

/// <summary>Stores members' passwords as bcrypt of base64(SHA-256(password)).</summary>
internal sealed class BcryptPasswordHasher(IOptions<PasswordSettings> settings) : IPasswordHasher<IdentityUser>
{
    public string HashPassword(IdentityUser user, string password) => Bcrypt.HashOfSha256(password, settings.Value.BcryptCost);

    public PasswordVerificationResult VerifyHashedPassword(IdentityUser user, string hashedPassword, string providedPassword) =>
        !Bcrypt.VerifyOfSha256(providedPassword, hashedPassword) ? PasswordVerificationResult.Failed
        : Bcrypt.CostOf(hashedPassword) < settings.Value.BcryptCost ? PasswordVerificationResult.SuccessRehashNeeded
        : PasswordVerificationResult.Success;
}
