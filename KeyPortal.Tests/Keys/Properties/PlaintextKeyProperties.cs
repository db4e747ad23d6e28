using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using KeyPortal.Keys;

namespace KeyPortal.Tests.Keys.Properties;

/// <summary>The key's form against the contract's own words: a regular expression, and a checksum by long division.</summary>
public sealed partial class PlaintextKeyProperties
{
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly Gen<string> Bodies =
        from brand in Gen.Elements("", "", "acme_", "a1_", "abcdefghijkl_", "abcdefghijklm_", "a_", "1a_", "Acme_", "sk_", "_", "ac-me_")
        from type in Gen.Elements("sk", "pk", "ak", "xk", "SK", "")
        from environment in Gen.Elements("test", "live", "live", "prod", "")
        from random in Gen.ArrayOf(Gen.Elements(Base62.ToCharArray()), 26)
        from length in Gen.Frequency((6, Gen.Constant(26)), (1, Gen.Choose(0, 26)))
        select $"{brand}{type}_{environment}_{new string(random, 0, length)}";

    [Fact]
    public void Only_what_has_the_form_and_its_checksum_is_a_key() => Judge.Holds(
        Judge.Texts(Gen.OneOf(
            Bodies.Select(body => body + Checksum(body)),
            from body in Bodies from bent in Judge.Bent(body + Checksum(body), Base62 + "_-. \0\nüＡ") select bent,
            from body in Bodies from bent in Judge.Bent(body, Base62 + "_-ü") select bent + Checksum(bent))),
        IsReadAsItShould,
        times: 5000);

    [Fact]
    public void Nothing_whatever_makes_it_throw() => Judge.Holds(
        Judge.Texts(Gen.OneOf(
            ArbMap.Default.GeneratorFor<string>().Select(text => text ?? ""),
            Judge.Garbage("sk_", "live_", "test_", "0123456789ABCDEFGHIJKLMNOP", "4PdKB4", "acme_", "_", "\0", "\ud800", "é"),
            Gen.Choose(0, 600).Select(length => "sk_live_" + new string('0', length)))),
        IsReadAsItShould,
        times: 5000);

    private static bool IsReadAsItShould(string text)
    {
        var isKey = PlaintextKey.TryParse(text, out var key);
        return isKey == (Form().IsMatch(text) && Checksum(text[..^6]) == text[^6..]) && (!isKey || (key!.Expose() == text && text.StartsWith(key.Start, StringComparison.Ordinal) && text.Length - key.Start.Length == 26));
    }

    /// <summary>CRC-32 as the remainder of a division by the polynomial, bit after bit, and base62 by dividing again.</summary>
    private static string Checksum(string body)
    {
        var crc = uint.MaxValue;
        foreach (var octet in Encoding.UTF8.GetBytes(body))
        {
            crc ^= octet;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
            }
        }

        var (number, text) = (new BigInteger(~crc), "");
        for (var digit = 0; digit < 6; digit++)
        {
            text = Base62[(int)(number % 62)] + text;
            number /= 62;
        }

        return text;
    }

    [GeneratedRegex(@"\A([a-z][a-z0-9]{1,11}_)?(sk|pk|ak)_(test|live)_[0-9A-Za-z]{32}\z")]
    private static partial Regex Form();
}
