using System.CommandLine;
using KeyPortal.Audit;
using KeyPortal.Operations;
using KeyPortal.Storage;

namespace KeyPortal.Cli;

/// <summary><c>restore FILE</c>: a backup in the place of the instance's data, with the server stopped.</summary>
internal static class RestoreVerb
{
    public static Command Create(VerbContext context)
    {
        var file = new Argument<string>("FILE") { Description = "A file that backup wrote." };
        var accept = new Option<bool>(Restore.AcceptOption) { Description = "Let keys that were revoked after the backup work again. Without it they stay revoked." };
        var command = new Command("restore", "Put a backup in the place of the instance's data. The server must not be running; what is replaced is kept aside.") { file, accept };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var app = context.BuildForVerb();
            var restore = new Restore(app.Services.GetRequiredService<DataDirectory>(), app.Services.GetRequiredService<TimeProvider>(),
                (staging, revived, manifest) => FinishAsync(context, staging, revived, manifest, cancellationToken));
            var outcome = await restore.RunAsync(parsed.GetRequiredValue(file), parsed.GetValue(accept), cancellationToken);
            if (!outcome.Succeeded(out var restored, out var refusal))
            {
                return await Answers.RefusedAsync(refusal);
            }

            await TellAsync(restored);
            return 0;
        });
        return command;
    }

    /// <summary>The staged copy is brought up to date and completed by the program itself, as an instance of its own.</summary>
    private static async Task FinishAsync(VerbContext context, string staging, Revived revived, BackupManifest manifest, CancellationToken cancellationToken)
    {
        await using (var staged = context.BuildForVerb($"--KeyPortal:DataDirectory={staging}"))
        {
            await staged.Services.PrepareAsync(cancellationToken);
            await staged.Services.GetRequiredService<RestoreFinish>().RunAsync(revived, manifest, cancellationToken);
        }

        // The last connection to close folds the write-ahead log into the database file, which then moves alone.
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    }

    private static async Task TellAsync(Restored restored)
    {
        var to = Console.Out;
        await to.WriteLineAsync($"Restored the backup of {AuditLog.Instant(restored.BackedUpAt)}.");
        if (restored.Aside is { } aside)
        {
            await to.WriteLineAsync($"What it replaced is in {aside}. Delete that when you are sure.");
        }

        if (!restored.Compared)
        {
            await to.WriteLineAsync("There was nothing here to compare with: a key revoked after that instant works again. Revoke it again.");
        }

        await ListAsync("These keys were revoked after the backup. They stay revoked:", restored.CarriedOver);
        await ListAsync("These keys were revoked after the backup. THEY WORK AGAIN:", restored.CameAlive);

        async Task ListAsync(string heading, IReadOnlyList<RevokedSince> keys)
        {
            if (keys.Count > 0)
            {
                await to.WriteLineAsync(heading);
            }

            foreach (var key in keys)
            {
                await to.WriteLineAsync($"  {key.KeyId}  {AuditLog.Instant(key.RevokedAt)}  {key.Name}");
            }
        }
    }
}
