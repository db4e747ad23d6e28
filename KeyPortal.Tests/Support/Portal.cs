using KeyPortal.Storage;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KeyPortal.Tests.Support;

/// <summary>The real program on a data directory of its own, with a driven clock and cheap password hashes. Nothing else is replaced.</summary>
public sealed class Portal : WebApplicationFactory<Program>
{
    private readonly Dictionary<string, string> _settings = new()
    {
        ["KeyPortal:Passwords:BcryptCost"] = "4",
        ["KeyPortal:Keys:BcryptCost"] = "4",
        // A driven clock stands still, and so would a limit's time.
        ["KeyPortal:Api:RequestsPerMinute"] = "0",
        // All tests of a portal come from one address.
        ["KeyPortal:Guesses:PerAddress"] = "100000",
    };

    public Portal(params (string Name, string Value)[] settings)
    {
        foreach (var (name, value) in settings)
        {
            _settings[name] = value;
        }

        if (!_settings.ContainsKey("KeyPortal:DataDirectory"))
        {
            _settings["KeyPortal:DataDirectory"] = Directory.CreateTempSubdirectory("keyportal-test-").FullName;
        }
    }

    public TestClock Clock { get; } = new();

    /// <summary>For browsers, which have a clock of their own that cannot be driven.</summary>
    public bool UsesRealClock { get; init; }

    /// <summary>Hears every log line, down to Trace.</summary>
    public ILoggerProvider? Logs { get; init; }

    /// <summary>Leaves the data directory behind, for another portal that is told to use it.</summary>
    public bool KeepsData { get; init; }

    public string DataDirectory => _settings["KeyPortal:DataDirectory"];

    public T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    public KeyPortalDb OpenDb() => Get<IDbContextFactory<KeyPortalDb>>().CreateDbContext();

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (name, value) in _settings)
        {
            builder.UseSetting(name, value);
        }

        builder.ConfigureLogging(logging =>
        {
            logging.ClearProviders();
            if (Logs is not null)
            {
                logging.AddProvider(Logs).Services.PostConfigure<LoggerFilterOptions>(options =>
                {
                    options.Rules.Clear();
                    options.MinLevel = LogLevel.Trace;
                });
            }
        });
        builder.ConfigureTestServices(services => services.AddSingleton(UsesRealClock ? TimeProvider.System : Clock));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            SqliteConnection.ClearAllPools();
            if (!KeepsData)
            {
                Delete(DataDirectory);
            }
        }
    }

    /// <summary>Pools are the process's: another test may be closing this one's connections at this moment, which makes and removes files.</summary>
    private static void Delete(string folder)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
                return;
            }
            catch (IOException) when (tries < 5)
            {
                Thread.Sleep(50);
            }
        }
    }
}
