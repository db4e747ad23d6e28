using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace KeyPortal.Access;

/// <summary>
/// An opaque bearer token of ours (challenge, refresh, invitation, password link): 256 random bits as 43 characters of base64url. The database keeps
/// its SHA-256 only, so that a stolen copy opens nothing; at this length no slow hash is needed (OWASP ASVS 5, 6.5.2).
/// </summary>
public sealed class SecretToken
{
    private const int Bytes = 32;
    private const int Characters = 43;
    private readonly string _text;

    private SecretToken(string text) => _text = text;

    public byte[] Hash => SHA256.HashData(Encoding.ASCII.GetBytes(_text));

    public static SecretToken New() => new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes)));

    /// <summary>Null for what cannot be a token of ours, without a look-up.</summary>
    public static SecretToken? TryParse(string? text) =>
        text is { Length: Characters } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? new SecretToken(text) : null;

    /// <summary>The token itself, for the one answer or mail that carries it.</summary>
    public string Expose() => _text;

    public override string ToString() => "SecretToken(…)";
}
