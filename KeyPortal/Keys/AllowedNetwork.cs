using System.Net;
using System.Net.Sockets;

namespace KeyPortal.Keys;

/// <summary>
/// An address or a CIDR block a key may be used from: <c>203.0.113.7</c>, <c>10.0.0.0/8</c>, <c>2001:db8::/32</c>. IPv4 in IPv6 disguise
/// (<c>::ffff:10.0.0.1</c>, RFC 4291 §2.5.5.2) is the IPv4 address it names. A block with bits set behind its prefix is refused, not rounded: it is a mistake.
/// </summary>
public readonly record struct AllowedNetwork
{
    private readonly IPNetwork _network;

    private AllowedNetwork(IPNetwork network) => _network = network;

    /// <summary>More than one address in 256 of all there are (IPv4), or a good part of them (IPv6): it says next to nothing about where a key is used.</summary>
    public bool IsNearlyEverywhere => _network.PrefixLength < (_network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 8 : 16);

    public bool Contains(IPAddress address)
    {
        var plain = Unmapped(address);
        return plain.AddressFamily == _network.BaseAddress.AddressFamily && _network.Contains(plain);
    }

    public static bool TryParse(string? text, out AllowedNetwork network)
    {
        network = default;
        if (string.IsNullOrEmpty(text) || text.Length > 64)
        {
            return false;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!TryParseAddress(slash < 0 ? text : text[..slash], out var written))
        {
            return false;
        }

        var address = Unmapped(written);
        var longest = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var length = longest;
        if (slash >= 0)
        {
            var digits = text.AsSpan(slash + 1);
            if (digits.Length is 0 or > 3 || digits.IndexOfAnyExceptInRange('0', '9') >= 0 || (digits.Length > 1 && digits[0] == '0'))
            {
                return false;
            }

            // ::ffff:10.0.0.0/104 counts the 96 bits of the disguise.
            length = int.Parse(digits) - (written.IsIPv4MappedToIPv6 ? 96 : 0);
        }

        // .NET clears the host bits by itself, so that 10.0.0.1/8 would silently allow sixteen million addresses.
        if (length < 0 || length > longest || !IPNetwork.TryParse($"{address}/{length}", out var parsed) || !parsed.BaseAddress.Equals(address))
        {
            return false;
        }

        network = new AllowedNetwork(parsed);
        return true;
    }

    /// <summary>Four decimal numbers, or IPv6; not <c>10.1</c>, <c>0x7f.1</c> or <c>010.0.0.1</c>, which .NET would read, each in its own way.</summary>
    public static bool TryParseAddress(string? text, out IPAddress address)
    {
        address = IPAddress.None;
        if (string.IsNullOrEmpty(text) || text.Length > 45 || text.Contains('%', StringComparison.Ordinal) || text.Contains('[', StringComparison.Ordinal)
            || !IPAddress.TryParse(text, out var parsed))
        {
            return false;
        }

        // .NET reads the last number of ::ffff:10.0.0.07 too.
        if (parsed.AddressFamily == AddressFamily.InterNetwork ? parsed.ToString() != text : text.Contains('.', StringComparison.Ordinal) && !TryParseAddress(text[(text.LastIndexOf(':') + 1)..], out _))
        {
            return false;
        }

        address = parsed;
        return true;
    }

    /// <summary>The one spelling that is stored: without <c>/32</c> or <c>/128</c>, the address in its shortest form.</summary>
    public override string ToString()
    {
        var longest = _network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        return _network.PrefixLength == longest ? _network.BaseAddress.ToString() : _network.ToString();
    }

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
