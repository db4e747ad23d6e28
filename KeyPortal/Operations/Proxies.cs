using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace KeyPortal.Operations;

/// <summary>Setting <c>KeyPortal:Proxies</c>: the addresses and networks from which <c>X-Forwarded-For</c> and <c>-Proto</c> are believed, separated by spaces or commas.</summary>
internal sealed class ProxySettings
{
    public string Proxies { get; set; } = "";

    public IEnumerable<string> Parts => Proxies.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
}

internal sealed class ValidateProxySettings : IValidateOptions<ProxySettings>
{
    public ValidateOptionsResult Validate(string? name, ProxySettings options) =>
        options.Parts.FirstOrDefault(part => !ProxyFeature.TryParse(part, out _)) is { } wrong
            ? ValidateOptionsResult.Fail($"KeyPortal:Proxies: '{wrong}' is neither an address (10.0.0.7) nor a network (10.0.0.0/8).")
            : ValidateOptionsResult.Success;
}

internal static class ProxyFeature
{
    /// <summary>
    /// Names the request's item with <c>X-Forwarded-For</c> as it was sent. The framework takes out what it believes of configured proxies; a gateway that asks
    /// KeyPortal about its own clients says with the same header who they are.
    /// </summary>
    public static readonly object ForwardedAsSent = new();

    /// <summary>Names the request's item with the address that really connected, and whether over https: what is between KeyPortal and the proxy next to it.</summary>
    public static readonly object ConnectionAsWas = new();

    public static void AddProxies(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ProxySettings>().BindConfiguration("KeyPortal").ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ProxySettings>, ValidateProxySettings>();
    }

    /// <summary>
    /// Replaces the connection's address by the client's where a configured proxy forwarded it. Read from the right, one hop for each configured
    /// proxy passed: what stands further left was written by the client and may say anything.
    /// </summary>
    public static void UseProxies(this WebApplication app)
    {
        var parts = app.Services.GetRequiredService<IOptions<ProxySettings>>().Value.Parts.ToList();
        if (parts.Count == 0)
        {
            return;
        }

        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in parts.Select(Parse))
        {
            options.KnownIPNetworks.Add(network);
        }

        app.Use(static (context, next) =>
        {
            context.Items[ForwardedAsSent] = context.Request.Headers["X-Forwarded-For"];
            context.Items[ConnectionAsWas] = (context.Connection.RemoteIpAddress, context.Request.IsHttps);
            return next(context);
        });
        app.UseForwardedHeaders(options);
    }

    private static IPNetwork Parse(string part) => TryParse(part, out var network) ? network : throw new FormatException($"'{part}' is no network.");

    public static bool TryParse(string part, out IPNetwork network)
    {
        if (IPAddress.TryParse(part, out var address))
        {
            network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
            return true;
        }

        return IPNetwork.TryParse(part, out network);
    }
}
