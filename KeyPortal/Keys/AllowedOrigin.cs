using System.Text;

namespace KeyPortal.Keys;

/// <summary>
/// A web origin (RFC 6454) a publishable key may be used from: <c>https://app.example.com</c>, with a port where it is not the scheme's own, or with a
/// leading <c>*.</c> for every subdomain (<c>https://*.example.com</c>; the domain itself is not one).
/// </summary>
public readonly record struct AllowedOrigin
{
    private readonly string _scheme;
    private readonly string _host;
    private readonly int _port;
    private readonly bool _subdomains;

    private AllowedOrigin(string scheme, string host, int port, bool subdomains) => (_scheme, _host, _port, _subdomains) = (scheme, host, port, subdomains);

    public static bool TryParse(string? text, out AllowedOrigin origin)
    {
        origin = default;
        if (text is null || text.Length > 300)
        {
            return false;
        }

        var subdomains = text.Contains("://*.", StringComparison.Ordinal);
        var plain = subdomains ? text.Replace("://*.", "://", StringComparison.Ordinal) : text;
        if (!TryReadOrigin(plain, out var scheme, out var host, out var port) || (subdomains && IsAddress(host)))
        {
            return false;
        }

        origin = new AllowedOrigin(scheme, host, port, subdomains);
        return true;
    }

    /// <summary>A wildcard before a single label takes in all of a top-level domain, whose sites are anybody's.</summary>
    public bool IsNearlyEverywhere => _subdomains && !_host.TrimEnd('.').Contains('.', StringComparison.Ordinal);

    /// <summary>Does a browser's <c>Origin</c> header match? Anything that is no origin, <c>null</c> included, does not.</summary>
    public bool Matches(string origin)
    {
        if (!TryReadOrigin(origin, out var scheme, out var host, out var port) || scheme != _scheme || port != _port)
        {
            return false;
        }

        return _subdomains
            ? host.Length > _host.Length + 1 && host.EndsWith("." + _host, StringComparison.Ordinal)
            : host == _host;
    }

    public override string ToString()
    {
        var isDefaultPort = (_scheme == "https" && _port == 443) || (_scheme == "http" && _port == 80);
        return $"{_scheme}://{(_subdomains ? "*." : "")}{_host}{(isDefaultPort ? "" : ":" + _port)}";
    }

    /// <summary>
    /// Only a scheme, a host and a port in their plain spelling. <see cref="Uri"/> alone would also read <c>https:\\host</c>, <c>https://host/..</c>,
    /// <c>https://0x7f.1</c> and surrounding blanks, which no browser sends.
    /// </summary>
    private static bool TryReadOrigin(string text, out string scheme, out string host, out int port)
    {
        (scheme, host, port) = ("", "", 0);
        var colon = text.IndexOf("://", StringComparison.Ordinal);
        if (colon < 1 || !char.IsAsciiLetter(text[0]) || text.EndsWith(':') || text.AsSpan(colon + 3).IndexOfAny(NotInAuthority) >= 0
            || !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            return false;
        }

        // IdnHost takes the brackets off an IPv6 address, and the origin would not be readable again.
        (scheme, host, port) = (uri.Scheme, uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : AsciiHostOf(uri), uri.Port);
        return Ascii.IsValid(text)
            ? uri.HostNameType is UriHostNameType.Dns or UriHostNameType.IPv6 || text.Contains(host, StringComparison.Ordinal)
            : IsNameInAscii(host, scheme);
    }

    /// <summary>
    /// The host in the form a browser sends; empty where it has none. It can also come out as something that is no name (of invisible characters
    /// nothing is left) or another kind of host (<c>0x7f．1</c>), which could be stored but never read again.
    /// </summary>
    private static string AsciiHostOf(Uri uri)
    {
        try
        {
            return uri.IdnHost;
        }
        catch (UriFormatException)
        {
            return "";
        }
    }

    private static bool IsNameInAscii(string host, string scheme) =>
        Ascii.IsValid(host) && TryReadOrigin($"{scheme}://{host}", out _, out var again, out _) && again == host;

    private static bool IsAddress(string host) => Uri.CheckHostName(host.Trim('[', ']')) is UriHostNameType.IPv4 or UriHostNameType.IPv6;

    private static readonly System.Buffers.SearchValues<char> NotInAuthority =
        System.Buffers.SearchValues.Create("/\\?#@%*" + string.Concat(Enumerable.Range(0, 0x21).Append(0x7F).Select(c => (char)c)));
}
