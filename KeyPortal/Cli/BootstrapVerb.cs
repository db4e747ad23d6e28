using System.CommandLine;
using System.Text.Json;
using KeyPortal.Operations;
using KeyPortal.Setup;

namespace KeyPortal.Cli;

/// <summary><c>bootstrap</c>: how automation starts. Prints one JSON line with the owner's second factor and a management key, the only time they are shown.</summary>
internal static class BootstrapVerb
{
    public static Command Create(VerbContext context)
    {
        var organization = new Option<string>("--organization") { Description = "The organization's name.", Required = true };
        var email = new Option<string>("--email") { Description = "The owner's e-mail address, to sign in with.", Required = true };
        var name = new Option<string?>("--name") { Description = "The owner's name. By default what stands before the @." };
        var command = new Command("bootstrap", "Set an empty instance up: an organization, its owner with a second factor, and a management key, printed as one line of JSON. The server must not be running.")
        {
            organization, email, name,
        };
        PasswordInput.Require(command, "Read the owner's password, one line, from standard input.");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var address = parsed.GetRequiredValue(email);
            var typed = await PasswordInput.ReadAsync(cancellationToken);
            var owner = new FirstOwner(parsed.GetRequiredValue(organization), parsed.GetValue(name) ?? address.Split('@')[0], address, typed);
            return await RunAsync(context, owner, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(VerbContext context, FirstOwner owner, CancellationToken cancellationToken)
    {
        await using var app = context.BuildForVerb();
        await app.Services.PrepareAsync(cancellationToken);
        var outcome = await app.Services.GetRequiredService<Bootstrap>().RunAsync(owner, cancellationToken);
        if (!outcome.Succeeded(out var made, out var refusal))
        {
            return await Answers.RefusedAsync(refusal);
        }

        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(new
        {
            organization_id = made.OrganizationId,
            user_id = made.UserId,
            email = made.Email,
            totp_secret = made.TotpSecret.ExposeBase32(),
            recovery_codes = made.RecoveryCodes.Expose(),
            management_key = made.ManagementKey.Expose(),
        }, JsonSerializerOptions.Default));
        return 0;
    }
}
