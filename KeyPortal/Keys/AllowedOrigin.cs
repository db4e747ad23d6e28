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
        if (plain.Contains('*', StringComparison.Ordinal) || !TryReadOrigin(plain, out var uri))
        {
            return false;
        }

        origin = new AllowedOrigin(uri.Scheme, uri.IdnHost, uri.Port, subdomains);
        return true;
    }

    /// <summary>Does a browser's <c>Origin</c> header match? Anything that is no origin, <c>null</c> included, does not.</summary>
    public bool Matches(string origin)
    {
        if (!TryReadOrigin(origin, out var uri) || uri.Scheme != _scheme || uri.Port != _port)
        {
            return false;
        }

        return _subdomains
            ? uri.IdnHost.Length > _host.Length + 1 && uri.IdnHost.EndsWith("." + _host, StringComparison.Ordinal)
            : uri.IdnHost == _host;
    }

    public override string ToString()
    {
        var isDefaultPort = (_scheme == "https" && _port == 443) || (_scheme == "http" && _port == 80);
        return $"{_scheme}://{(_subdomains ? "*." : "")}{_host}{(isDefaultPort ? "" : ":" + _port)}";
    }

    private static bool TryReadOrigin(string text, out Uri uri) =>
        Uri.TryCreate(text, UriKind.Absolute, out uri!)
        && uri.Scheme is "http" or "https"
        && uri.UserInfo.Length == 0
        && uri.PathAndQuery is "/"
        && uri.Fragment.Length == 0
        && uri.Host.Length > 0
        && !text.EndsWith('/');
}
