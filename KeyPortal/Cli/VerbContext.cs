
namespace KeyPortal.Cli;

/// <summary>What every verb starts from: the same features and settings as the server, without its listening.</summary>
internal sealed class VerbContext(Composition composition, string[] settings)
{
    public Composition Composition { get; } = composition;

    public WebApplicationBuilder CreateBuilder(params string[] more)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = [.. settings, .. more], ContentRootPath = AppContext.BaseDirectory });
        builder.AddDefaults();
        return builder;
    }

    /// <summary>The features for a verb that is not the server. What it logs goes to stderr: stdout is for its result.</summary>
    public WebApplication BuildForVerb(params string[] more)
    {
        var builder = CreateBuilder(more);
        builder.Logging.ClearProviders();
        builder.Logging.AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter((_, level) => level >= LogLevel.Warning);
        Composition.Add(builder);
        return builder.Build();
    }
}
