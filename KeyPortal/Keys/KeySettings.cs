using System.ComponentModel.DataAnnotations;
using KeyPortal.Primitives;
using Microsoft.Extensions.Options;

namespace KeyPortal.Keys;

/// <summary>Settings <c>KeyPortal:Keys:*</c>.</summary>
public sealed class KeySettings
{
    public const string Section = "KeyPortal:Keys";

    /// <summary>Put before every new key, so that scanners do not take it for another vendor's: 2–12 of a–z and 0–9, starting with a letter; empty for none.</summary>
    public string Brand { get; set; } = "";

    /// <summary>bcrypt's cost for the verifiers of new secrets. They hold 154 random bits, so this guards against nothing but a broken generator.</summary>
    [Range(Bcrypt.MinCost, Bcrypt.MaxCost, ErrorMessage = "KeyPortal:Keys:BcryptCost must be from 4 to 31.")]
    public int BcryptCost { get; set; } = 10;

    /// <summary>How verifiers of new secrets are made: <c>bcrypt</c> or <c>argon2id</c>, which needs libsodium. Those there are stay what they are.</summary>
    [RegularExpression("bcrypt|argon2id", ErrorMessage = "KeyPortal:Keys:Verifier must be bcrypt or argon2id.")]
    public string Verifier { get; set; } = "bcrypt";

    /// <summary>Name or path of libsodium, where it is not in the system's usual place.</summary>
    public string SodiumLibrary { get; set; } = "";

    public bool MakesArgon2id => Verifier == "argon2id";

    /// <summary>How many keys the cache holds; the database may hold any number.</summary>
    [Range(1, 100_000_000, ErrorMessage = "KeyPortal:Keys:CacheCapacity must be from 1 to 100,000,000.")]
    public int CacheCapacity { get; set; } = 200_000;
}

internal sealed class ValidateKeySettings(Argon2id argon2id) : IValidateOptions<KeySettings>
{
    public ValidateOptionsResult Validate(string? name, KeySettings options) =>
        options.Brand.Length > 0 && !PlaintextKey.IsBrand(options.Brand) ? ValidateOptionsResult.Fail("KeyPortal:Keys:Brand must be 2 to 12 of a-z and 0-9 and start with a letter, or empty.")
        : options.MakesArgon2id && !argon2id.IsAvailable ? ValidateOptionsResult.Fail($"KeyPortal:Keys:Verifier is argon2id. {Argon2id.HowToInstall}")
        : ValidateOptionsResult.Success;
}
