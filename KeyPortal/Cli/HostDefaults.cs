using KeyPortal.Operations;
using Microsoft.Extensions.Configuration.Memory;

namespace KeyPortal.Cli;

/// <summary>What the program does when no setting says otherwise.</summary>
internal static class HostDefaults
{
    public const string Address = "http://localhost:5080";

    // Request lines of the framework carry query strings, and its commands carry parameters' names: neither belongs in a log that is kept.
    private static readonly Dictionary<string, string?> Levels = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft"] = "Warning",
        ["Logging:LogLevel:System"] = "Warning",
        // While this category logs anything, however severe, every request gets an activity and a log scope, which cost one to two microseconds of a
        // validation's twenty. It tells nothing but request lines, and failures, which the API's door logs with the request's own id.
        ["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "None",
        // It warns that the ring's files are not encrypted. They are 0600 in a folder of 0700, beside databases they protect.
        ["Logging:LogLevel:Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager"] = "Error",
    };

    public static void AddDefaults(this WebApplicationBuilder builder)
    {
        // First, so that every other source wins.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = Levels });
        if (!Names(builder.Configuration, "urls", "http_ports", "https_ports") && !builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            builder.WebHost.UseUrls(Address);
        }

        // The framework does this in development only; a build run in place needs it under any environment's name. Once published it does nothing.
        builder.WebHost.UseStaticWebAssets();
        builder.AddProxies();
    }

    private static bool Names(IConfiguration configuration, params string[] settings) => settings.Any(name => !string.IsNullOrEmpty(configuration[name]));
}
