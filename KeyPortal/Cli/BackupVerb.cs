using System.CommandLine;
using KeyPortal.Operations;

namespace KeyPortal.Cli;

/// <summary><c>backup FILE</c>: the instance in one file, while the server runs.</summary>
internal static class BackupVerb
{
    public static Command Create(VerbContext context)
    {
        var file = new Argument<string>("FILE") { Description = "The file to write. It must not exist." };
        var secrets = new Option<bool>("--secrets") { Description = "Also the pepper and the keys behind cookies and access tokens. Whoever has such a file has the instance: keep it as you keep the server." };
        var command = new Command("backup", "Write the instance into one file; the server may run meanwhile.") { file, secrets };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var app = context.BuildForVerb();
            var path = Path.GetFullPath(parsed.GetRequiredValue(file));
            var outcome = await app.Services.GetRequiredService<Backup>().CreateAsync(path, parsed.GetValue(secrets), cancellationToken);
            if (!outcome.Succeeded(out var size, out var refusal))
            {
                return await Answers.RefusedAsync(refusal);
            }

            await Console.Out.WriteLineAsync($"Backed up to {path} ({size:N0} bytes).");
            return 0;
        });
        return command;
    }
}
