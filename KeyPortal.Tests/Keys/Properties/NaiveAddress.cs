using System.Globalization;

namespace KeyPortal.Tests.Keys.Properties;

/// <summary>Addresses and networks as the standards write them (RFC 4291, 2.2 and 2.3), read slowly and by nobody's library: an address is a list of its bits.</summary>
internal static class NaiveAddress
{
    /// <summary>32 or 128 bits, the disguise of <c>::ffff:10.0.0.1</c> taken off; null for what is no address.</summary>
    public static bool[]? Read(string text) => Plain(Bits(text));

    /// <summary>The bits that an address must begin with, and whether it must be IPv4; null for what is no network.</summary>
    public static (bool[] First, bool IsV4)? ReadNetwork(string text)
    {
        var parts = text.Split('/');
        if (parts.Length > 2 || Bits(parts[0]) is not { } written)
        {
            return null;
        }

        var length = written.Length;
        if (parts.Length == 2)
        {
            if (!Enumerable.Range(0, written.Length + 1).Select(n => n.ToString(CultureInfo.InvariantCulture)).Contains(parts[1]))
            {
                return null;
            }

            length = int.Parse(parts[1], CultureInfo.InvariantCulture);
        }

        // A disguised block that reaches beyond the disguise would hold addresses of both kinds.
        var plain = Plain(written)!;
        length -= written.Length - plain.Length;
        return length < 0 || plain.Skip(length).Any(bit => bit) ? null : (plain[..length], plain.Length == 32);
    }

    private static bool[]? Plain(bool[]? bits) =>
        bits is { Length: 128 } && bits.Take(80).All(bit => !bit) && bits.Skip(80).Take(16).All(bit => bit) ? bits[96..] : bits;

    private static bool[]? Bits(string text) => text.Contains(':', StringComparison.Ordinal) ? Six(text) : Four(text);

    private static bool[]? Four(string text)
    {
        var parts = text.Split('.');
        string[] bytes = [.. Enumerable.Range(0, 256).Select(n => n.ToString(CultureInfo.InvariantCulture))];
        return parts.Length != 4 || parts.Any(part => !bytes.Contains(part)) ? null : [.. parts.SelectMany(part => Of(Array.IndexOf(bytes, part), 8))];
    }

    private static bool[]? Six(string text)
    {
        var halves = text.Split("::");
        if (halves.Length > 2)
        {
            return null;
        }

        var (before, after) = (Groups(halves[0], isLast: halves.Length == 1), halves.Length == 2 ? Groups(halves[1], isLast: true) : []);
        if (before is null || after is null)
        {
            return null;
        }

        var missing = 128 - before.Length - after.Length;
        return halves.Length == 1 ? missing == 0 ? before : null : missing < 16 ? null : [.. before, .. new bool[missing], .. after];
    }

    private static bool[]? Groups(string text, bool isLast)
    {
        if (text.Length == 0)
        {
            return [];
        }

        List<bool> bits = [];
        var groups = text.Split(':');
        for (var i = 0; i < groups.Length; i++)
        {
            if (isLast && i == groups.Length - 1 && groups[i].Contains('.', StringComparison.Ordinal) && Four(groups[i]) is { } four)
            {
                bits.AddRange(four);
            }
            else if (groups[i].Length is >= 1 and <= 4 && groups[i].All(c => "0123456789abcdefABCDEF".Contains(c, StringComparison.Ordinal)))
            {
                bits.AddRange(Of(Convert.ToInt32(groups[i], 16), 16));
            }
            else
            {
                return null;
            }
        }

        return [.. bits];
    }

    private static IEnumerable<bool> Of(int number, int bits) => Enumerable.Range(0, bits).Select(i => (number >> (bits - 1 - i) & 1) == 1);
}
