using System.Net;
using System.Net.Sockets;
using KeyPortal.Access;
using KeyPortal.Operations;
using KeyPortal.Primitives;
using Microsoft.Extensions.Options;

namespace KeyPortal.Api;

/// <summary>
/// Believes no credential that could be read on its way. Asked before the credential is looked at: the answer says nothing of it. A person's tokens travel as
/// their cookie does, over https or on this machine; keys also over the plain http of networks where gateways and what stands behind them talk to each other.
/// </summary>
internal sealed class CredentialTransport(IOptions<ApiSettings> settings)
{
    public static readonly Refusal HttpsRequired = new(RefusalKind.NotAllowed, "https_required", "Passwords and tokens are taken over https only, except from this machine. Use https.");

    private static readonly Refusal HttpsRequiredOfKeys = HttpsRequired with
    {
        Detail = "This key was sent over plain http, where it could be read on the way. Use https, and rotate the key if it travelled through networks of others.",
    };

    private readonly KeysOverHttp _keys = settings.Value.ParseKeysOverHttp();

    public static Refusal? RefuseToken(HttpContext context) => SessionCookies.IsSafe(context) ? null : HttpsRequired;

    public Refusal? RefuseKey(HttpContext context) => IsSafeForKeys(context.Request.IsHttps, context.Connection.RemoteIpAddress) ? null : HttpsRequiredOfKeys;

    /// <summary>
    /// A gateway's own key travels from the gateway to here, whatever it says of its client by <c>X-Forwarded-For</c> and <c>-Proto</c>: what counts is the
    /// connection itself.
    /// </summary>
    public Refusal? RefuseGatewayKey(HttpContext context) => context.Items[ProxyFeature.ConnectionAsWas] is (IPAddress address, bool isHttps)
        ? IsSafeForKeys(isHttps, address) ? null : HttpsRequiredOfKeys
        : RefuseKey(context);

    private bool IsSafeForKeys(bool isHttps, IPAddress? address) => isHttps || _keys switch
    {
        KeysOverHttp.Any => true,
        KeysOverHttp.Private => address is null || IsPrivate(address),
        _ => address is null || IPAddress.IsLoopback(address),
    };

    /// <summary>This machine, and the addresses that no router of the internet forwards: RFC 1918, RFC 3927, RFC 4193 and link-local ones (RFC 4291 §2.5.6).</summary>
    private static bool IsPrivate(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6)
        {
            return address.IsIPv6UniqueLocal || address.IsIPv6LinkLocal || IPAddress.IsLoopback(address);
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return bytes[(length - 4)..length] is [10 or 127, ..] or [192, 168, ..] or [169, 254, ..] or [172, >= 16 and <= 31, ..];
    }
}
