using Microsoft.Extensions.Options;

namespace KeyPortal.Access;

/// <summary>Settings <c>KeyPortal:*</c> about where people and programs find this instance.</summary>
public sealed class PublicSettings
{
    public const string Section = "KeyPortal";

    /// <summary>The address people type, such as <c>https://keys.example.com</c>: for links and for telling own from foreign Origins. Absent, the address of each request counts.</summary>
    public string? PublicUrl { get; set; }
}

internal sealed class ValidatePublicSettings : IValidateOptions<PublicSettings>
{
    public ValidateOptionsResult Validate(string? name, PublicSettings options) =>
        options.PublicUrl is null || OwnOrigin.Of(options.PublicUrl) is not null
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("KeyPortal:PublicUrl must be an http or https address without a path, such as https://keys.example.com.");
}

/// <summary>The origin (RFC 6454) this instance is served from.</summary>
internal static class OwnOrigin
{
    /// <summary>Scheme, host and port of an address without a path; null where it is none.</summary>
    public static string? Of(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.PathAndQuery == "/" && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0
            ? uri.GetLeftPart(UriPartial.Authority)
            : null;

    /// <summary>What a browser sends as <c>Origin</c> from our own pages.</summary>
    public static string For(HttpRequest request, string? publicUrl) =>
        (publicUrl is null ? null : Of(publicUrl)) ?? Of($"{request.Scheme}://{request.Host}") ?? "";
}
