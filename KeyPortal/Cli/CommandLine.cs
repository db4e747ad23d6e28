using System.CommandLine;
using System.CommandLine.Parsing;
using KeyPortal.Primitives;

namespace KeyPortal.Cli;

/// <summary>
/// The program's words. No verb serves the portal. A wrong word gets one line on stderr and exit 2; an act that is refused or fails gets one line
/// and exit 1. Only a verb's result goes to stdout.
/// </summary>
internal static class CommandLine
{
    private const int Failed = 1;
    private const int WrongUse = 2;

    // The framework's own settings of a host, as ASP.NET Core and its test host spell them.
    private static readonly string[] HostSettings = ["urls", "environment", "contentRoot", "applicationName", "http_ports", "https_ports"];

    public static async Task<int> RunAsync(string[] args, Composition composition)
    {
        var (words, settings) = Split(args);
        var context = new VerbContext(composition, settings);
        var root = new RootCommand("KeyPortal: API keys for teams, their integrations and their agents. Without a verb it serves the portal on http://localhost:5080, with its data in ./data.")
        {
            BootstrapVerb.Create(context),
            BackupVerb.Create(context),
            RestoreVerb.Create(context),
            SigningKeysVerb.Create(context),
            PepperVerb.Create(context),
            UsersVerb.Create(context),
        };
        ServeVerb.Attach(root, context);
        // No response files: a password or a name may begin with @.
        var parsed = root.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors is [var error, ..])
        {
            await Console.Error.WriteLineAsync($"{error.Message} Try --help.");
            return WrongUse;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (StartupException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return Failed;
        }
    }

    /// <summary>Settings may stand among the words, as ASP.NET Core has it: <c>--KeyPortal:DataDirectory=/var/lib/keyportal</c>.</summary>
    private static (string[] Words, string[] Settings) Split(string[] args)
    {
        var settings = args.Where(IsSetting).ToArray();
        return ([.. args.Except(settings)], settings);
    }

    private static bool IsSetting(string word)
    {
        if (!word.StartsWith("--", StringComparison.Ordinal) || word.IndexOf('=', StringComparison.Ordinal) is var end && end < 0)
        {
            return false;
        }

        var name = word[2..end];
        // The test host also hands over each section by itself, without a value.
        return name.Contains(':', StringComparison.Ordinal) || end == word.Length - 1 || HostSettings.Contains(name, StringComparer.OrdinalIgnoreCase);
    }
}
