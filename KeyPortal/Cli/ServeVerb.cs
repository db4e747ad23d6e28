using System.CommandLine;
using KeyPortal.Operations;
using KeyPortal.Primitives;
using KeyPortal.Setup;

namespace KeyPortal.Cli;

/// <summary>No verb: the server, until it is told to stop.</summary>
internal static class ServeVerb
{
    public static void Attach(RootCommand root, VerbContext context)
    {
        var urls = new Option<string?>("--urls") { Description = "Where to listen, such as http://0.0.0.0:8080. Several are separated by semicolons." };
        var demo = new Option<bool>("--demo") { Description = "Fill an empty data directory with an organization and 30 days of invented usage, and print how to sign in." };
        root.Options.Add(urls);
        root.Options.Add(demo);
        root.SetAction((parsed, cancellationToken) => RunAsync(context, parsed.GetValue(urls) is { } value ? [$"--urls={value}"] : [], parsed.GetValue(demo), cancellationToken));
    }

    private static async Task<int> RunAsync(VerbContext context, string[] settings, bool demo, CancellationToken cancellationToken)
    {
        if (Startup.IsDocumentTool)
        {
            settings = [$"--KeyPortal:DataDirectory={Directory.CreateTempSubdirectory("keyportal-").FullName}"];
        }

        var builder = context.CreateBuilder(settings);
        var listening = false;
        // A start that fails is told in one line (CommandLine); the framework would print its stack first.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => level >= (listening ? LogLevel.Warning : LogLevel.Critical));
        context.Composition.Add(builder);
        await using var app = builder.Build();
        if (!Startup.IsDocumentTool)
        {
            await app.Services.PrepareAsync(cancellationToken);
        }

        var demonstration = demo ? await FillAsync(app, cancellationToken) : null;
        app.UseProxies();
        context.Composition.Use(app);
        await ListenAsync(app, cancellationToken);
        listening = true;
        await Greeting.PrintAsync(app, demonstration, Console.Out);
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    private static async Task<DemonstrationSignIn> FillAsync(WebApplication app, CancellationToken cancellationToken) =>
        await app.Services.GetRequiredService<FirstRun>().IsEmptyAsync(cancellationToken)
            ? await app.Services.GetRequiredService<Demonstration>().FillAsync(cancellationToken)
            : throw new StartupException("--demo fills an empty data directory only, and this one has an organization. Name another with KeyPortal__DataDirectory.");

    private static async Task ListenAsync(WebApplication app, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or FormatException or System.Net.Sockets.SocketException)
        {
            // An address in use, not ours, or none at all.
            throw new StartupException(e.Message, e);
        }
    }
}
