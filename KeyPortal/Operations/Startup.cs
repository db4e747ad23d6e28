using System.Reflection;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace KeyPortal.Operations;

/// <summary>What has to hold before anything runs, for the server and for the verbs.</summary>
internal static class Startup
{
    /// <summary>The build starts the program once to read its API description; it must then leave no trace.</summary>
    public static bool IsDocumentTool => Assembly.GetEntryAssembly()?.GetName().Name == "GetDocument.Insider";

    /// <summary>Checks every setting, takes the data directory for this process, and brings the databases up to date.</summary>
    /// <exception cref="StartupException">A setting is wrong, another process has the directory, or its databases are not this program's.</exception>
    public static async Task PrepareAsync(this IServiceProvider services, CancellationToken cancellationToken = default)
    {
        CheckSettings(services);
        var data = services.GetRequiredService<DataDirectory>();
        data.Take();
        RestoreMarker.RefuseInterrupted(data);
        try
        {
            await services.MigrateStorageAsync(cancellationToken);
            SchemaCheck.Run(services);
        }
        catch (Exception e) when (StorageUnavailableException.From(e) is { } outage)
        {
            throw new StartupException(outage.Message, e);
        }
        catch (Exception e) when ((e as SqliteException ?? e.InnerException as SqliteException) is { } cause)
        {
            // A table that stands in a migration's way, a file that is no database, a damaged one.
            throw new StartupException($"The databases in {data.Path} are damaged or not this KeyPortal's: {cause.Message} {SchemaCheck.WayOut}", e);
        }
    }

    /// <summary>The same for a verb that wants an instance which is there; refuses where there is none, and makes nothing.</summary>
    public static async Task<Refusal?> RefuseWithoutInstanceAsync(this IServiceProvider services, CancellationToken cancellationToken = default)
    {
        var data = services.GetRequiredService<DataDirectory>();
        if (!File.Exists(data.MainDatabase))
        {
            return Refusal.Conflict("no_instance", $"There is no instance in {data.Path}.");
        }

        await services.PrepareAsync(cancellationToken);
        return null;
    }

    private static void CheckSettings(IServiceProvider services)
    {
        try
        {
            services.GetService<IStartupValidator>()?.Validate();
        }
        catch (Exception e) when (FailuresIn(e).Distinct().ToList() is { Count: > 0 } failures)
        {
            throw new StartupException(string.Join(' ', failures), e);
        }
    }

    private static IEnumerable<string> FailuresIn(Exception exception) => exception switch
    {
        AggregateException several => several.InnerExceptions.SelectMany(FailuresIn),
        OptionsValidationException wrong => wrong.Failures,
        // A value that is no number where one is wanted; the message names the setting.
        InvalidOperationException { InnerException: FormatException or OverflowException or ArgumentException } => [exception.Message],
        _ => [],
    };
}
