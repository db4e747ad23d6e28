using System.Reflection;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.Extensions.Options;

namespace KeyPortal.Operations;

/// <summary>What has to hold before anything runs, for the server and for the verbs.</summary>
internal static class Startup
{
    /// <summary>The build starts the program once to read its API description; it must then leave no trace.</summary>
    public static bool IsDocumentTool => Assembly.GetEntryAssembly()?.GetName().Name == "GetDocument.Insider";

    /// <summary>Checks every setting, takes the data directory for this process, and brings the databases up to date.</summary>
    /// <exception cref="StartupException">A setting is wrong, or another process has the directory.</exception>
    public static async Task PrepareAsync(this IServiceProvider services, CancellationToken cancellationToken = default)
    {
        CheckSettings(services);
        var data = services.GetRequiredService<DataDirectory>();
        data.Take();
        RestoreMarker.RefuseInterrupted(data);
        try
        {
            await services.MigrateStorageAsync(cancellationToken);
        }
        catch (Exception e) when (StorageUnavailableException.From(e) is { } outage)
        {
            throw new StartupException(outage.Message, e);
        }
    }

    private static void CheckSettings(IServiceProvider services)
    {
        try
        {
            services.GetService<IStartupValidator>()?.Validate();
        }
        catch (OptionsValidationException e)
        {
            throw new StartupException(string.Join(' ', e.Failures), e);
        }
        catch (InvalidOperationException e) when (e.InnerException is FormatException or OverflowException or ArgumentException)
        {
            // A value that is no number where one is wanted; the message names the setting.
            throw new StartupException(e.Message, e);
        }
    }
}
