using System.CommandLine;
using KeyPortal.Access;
using KeyPortal.Operations;

namespace KeyPortal.Cli;

/// <summary><c>users …</c>: help for people who cannot help themselves in the portal, from whoever runs the server.</summary>
internal static class UsersVerb
{
    public static Command Create(VerbContext context) => new("users", "Help people back into their accounts. The server must not be running.")
    {
        ResetPassword(context),
        ResetSecondFactor(context),
    };

    private static Command ResetPassword(VerbContext context)
    {
        var email = new Argument<string>("EMAIL") { Description = "The account's e-mail address." };
        var command = new Command("reset-password", "Set a new password. All sessions of the account end, and it is unlocked; its second factor stays.") { email };
        PasswordInput.Require(command, "Read the new password, one line, from standard input.");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var typed = await PasswordInput.ReadAsync(cancellationToken);
            await using var app = context.BuildForVerb();
            await app.Services.PrepareAsync(cancellationToken);
            var outcome = await app.Services.GetRequiredService<PasswordOverride>().SetAsync(parsed.GetRequiredValue(email), typed, cancellationToken);
            if (!outcome.Succeeded(out _, out var refusal))
            {
                return await Answers.RefusedAsync(refusal);
            }

            await Console.Out.WriteLineAsync("The password is set and all sessions of the account are ended.");
            return 0;
        });
        return command;
    }

    private static Command ResetSecondFactor(VerbContext context)
    {
        var email = new Argument<string>("EMAIL") { Description = "The account's e-mail address." };
        var command = new Command("reset-2fa", "Remove every second factor, passkeys and recovery codes too. All sessions of the account end; its password stays.") { email };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var app = context.BuildForVerb();
            await app.Services.PrepareAsync(cancellationToken);
            var outcome = await app.Services.GetRequiredService<SecondFactorReset>().ResetAsync(parsed.GetRequiredValue(email), cancellationToken);
            if (outcome.Refusal is { } refusal)
            {
                return await Answers.RefusedAsync(refusal);
            }

            await Console.Out.WriteLineAsync("The second factors are removed and all sessions of the account are ended.");
            return 0;
        });
        return command;
    }
}
