using System.Security.Cryptography;
using System.Text;
using KeyPortal.Keys;
using KeyPortal.Keys.Imports;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Tests.Support;

/// <summary>
/// Keys of another system and their hashes, made by other programs:
/// <code>
/// printf %s KEY | openssl dgst -sha256 -r                 (and -sha512, and -hmac "an old system's secret")
/// node -e 'console.log(require("bcryptjs").hashSync(KEY, 6))'
/// node -e 'const a=require("argon2");a.hash(KEY,{type:a.argon2id,memoryCost:8192,timeCost:2,parallelism:4}).then(console.log)'
/// python3 -c 'import crypt;print(crypt.crypt(KEY,"$2y$05$abcdefghijklmnopqrstuv"))'
/// </code>
/// </summary>
internal static class Imported
{
    public const string Key = "legacy_live_Zk3vQ9pX7mT2wL8";
    public const string Sha256 = "54004230c1391fc93393c930b40c2c4ca2036cc38a074f149961707f4bceabb2";
    public const string Sha512 = "296fec3dc2c2cd2819a60eddd4b0713cd812e0a97883dc4b4b08e29ddbbb67fddbd871d82ba01febc9a4d18dd7a3641529dbf0ac86e2dc7ac4a5ea8dbe532895";
    public const string HmacSha256 = "5f263eb2deeb401ffef1debeb3b21ec7a94c4c7b90a7d602981b78758760d2ac";

    /// <summary>base64 of <c>an old system's secret</c>.</summary>
    public const string HmacKey = "YW4gb2xkIHN5c3RlbSdzIHNlY3JldA==";

    public const string Bcrypt = "$2b$06$GDZrKQsCw6XxcD5ht.0LTOo3X9Pq4n.9KghNnbR3P7938Ig/rQvka";
    public const string BcryptYKey = "legacy_live_Yy3vQ9pX7mT2wL8";

    /// <summary>As crypt printed it, but for the salt's last character: <c>v</c> as it was given, where crypt writes <c>u</c>.</summary>
    public const string BcryptY = "$2y$05$abcdefghijklmnopqrstuvSB3.MYH4tAHpU/PIsEAJB9g1cb1N94G";

    public const string Argon2Key = "legacy_live_Ab5cD6eF7gH8iJ9";

    /// <summary>As npm's argon2 0.45 writes it: its parameters in alphabetical order.</summary>
    public const string Argon2id = "$argon2id$v=19$m=8192,p=1,t=2$DozPrE43OLssg4empJMcqg$5xEw7iC7LNPo3+07eo5oajYtM4+zWLmgAVXDh2B3Fk4";

    public const string FourLanesKey = "legacy_live_Pp5cD6eF7gH8iJ9";
    public const string FourLanes = "$argon2id$v=19$m=8192,t=2,p=4$Lf1+kYvm3FSwF1aEskoZcg$fsBcwLapy5C/VQAf3WWpBlqE/jpBfvN6Jq+Zn3YiYpE";

    /// <summary>An item that never expires, unless told otherwise.</summary>
    public static ImportItem Item(string algorithm, string value, string? start = null, string name = "A legacy key", string? keyId = null) => new()
    {
        Input = new KeyInput { Name = name, Expiry = ExpiryInput.In(ExpiryChoice.Never) },
        Hash = new HashInput(algorithm, value, keyId),
        Start = start,
    };

    /// <summary>An item of a key's SHA-256, by the framework: for tests about anything but hashes.</summary>
    public static ImportItem ItemOf(string key, string name = "A legacy key") => Item("sha256", Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key))), name: name);

    public static async Task<IReadOnlyList<ImportAnswer>> ImportAsync(this Portal portal, Actor actor, params ImportItem[] items) =>
        (await portal.Get<KeyImport>().ImportAsync(actor, items)).Value;

    /// <summary>Imports one that must succeed; its key's id.</summary>
    public static async Task<string> ImportOneAsync(this Portal portal, Actor actor, ImportItem item)
    {
        var answer = (await portal.ImportAsync(actor, item)).ShouldHaveSingleItem();
        answer.Refusal.ShouldBeNull(string.Join(' ', answer.Refusal?.Errors.Select(e => $"{e.Pointer}: {e.Detail}") ?? []));
        return answer.KeyId.ShouldNotBeNull();
    }

    public static Task<ValidationResult> ValidateAsync(this Portal portal, string organizationId, string key, bool fresh = false) =>
        portal.Get<KeyValidator>().ValidateAsync(organizationId, new ValidationRequest { Key = key, Fresh = fresh }).AsTask();
}
