using KeyPortal.Mail;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace KeyPortal.Access;

/// <summary>Settings <c>KeyPortal:*</c> about where people and programs find this instance.</summary>
public sealed class PublicSettings
{
    public const string Section = "KeyPortal";

    /// <summary>
    /// The address people type, such as <c>https://keys.example.com</c>: for links and for telling own from foreign Origins. Absent, the address of each
    /// request counts for the latter; for mailed links it is required.
    /// </summary>
    public string? PublicUrl { get; set; }
}

internal sealed class ValidatePublicSettings(IOptions<MailSettings> mail) : IValidateOptions<PublicSettings>
{
    public ValidateOptionsResult Validate(string? name, PublicSettings options) => options.PublicUrl switch
    {
        null when !string.IsNullOrEmpty(mail.Value.Host) => ValidateOptionsResult.Fail("KeyPortal:PublicUrl is required where KeyPortal:Mail:Host is set: mails hold links to it, such as https://keys.example.com."),
        null => ValidateOptionsResult.Success,
        var url when OwnOrigin.Of(url) is not null => ValidateOptionsResult.Success,
        _ => ValidateOptionsResult.Fail("KeyPortal:PublicUrl must be an http or https address without a path, such as https://keys.example.com."),
    };
}

/// <summary>
/// Links for mails and for the screen, and the issuer of tokens. Never made from a request's Host: whoever asks for another person's mail could put their own server's name in it.
/// </summary>
public sealed class PublicAddress(IOptions<PublicSettings> settings, IServer server)
{
    private const string Unknown = "http://localhost:5080";

    /// <summary>Scheme, host and port: of the setting, else where this server listens, seen from its own machine.</summary>
    public string Origin =>
        OwnOrigin.Of(settings.Value.PublicUrl ?? FromHere(server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "")) ?? Unknown;

    /// <summary>What people call this instance in mails: the host as it was set, in whatever script.</summary>
    public string Name => new Uri(settings.Value.PublicUrl ?? Origin).Host;

    /// <summary><paramref name="path"/> begins with a slash.</summary>
    public string Link(string path) => Origin + path;

    /// <summary>An address on which this server listens, as a browser on the same machine types it.</summary>
    public static string FromHere(string listening) => listening.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal);
}

/// <summary>The origin (RFC 6454) this instance is served from.</summary>
internal static class OwnOrigin
{
    /// <summary>
    /// Scheme, host and port of an address without a path, as a browser writes them: the host in lower case and ASCII (RFC 6454 §6.2), however it was typed.
    /// Null where it is none.
    /// </summary>
    public static string? Of(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.PathAndQuery == "/" && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0
            ? AsSent(uri)
            : null;

    /// <summary>What a browser sends as <c>Origin</c> from our own pages.</summary>
    public static string For(HttpRequest request, string? publicUrl) =>
        (publicUrl is null ? null : Of(publicUrl)) ?? Of($"{request.Scheme}://{request.Host}") ?? "";

    private static string? AsSent(Uri uri) =>
        // An IPv6 address has no brackets in IdnHost, and no letters to write in another way.
        uri.HostNameType == UriHostNameType.IPv6 || uri.IdnHost == uri.Host ? uri.GetLeftPart(UriPartial.Authority)
        : $"{uri.Scheme}://{uri.IdnHost}{(uri.IsDefaultPort ? "" : ":" + uri.Port)}";
}
