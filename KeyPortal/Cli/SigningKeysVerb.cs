using System.CommandLine;
using KeyPortal.Access.Tokens;
using KeyPortal.Operations;

namespace KeyPortal.Cli;

/// <summary><c>signing-keys rotate</c>: a new key for access tokens, with the server stopped.</summary>
internal static class SigningKeysVerb
{
    public static Command Create(VerbContext context)
    {
        var rotate = new Command("rotate", "Sign access tokens with a new key from now on. Tokens signed before go on until they end, 15 minutes at most. The server must not be running.");
        rotate.SetAction(async (_, cancellationToken) =>
        {
            await using var app = context.BuildForVerb();
            if (await app.Services.RefuseWithoutInstanceAsync(cancellationToken) is { } none)
            {
                return await Answers.RefusedAsync(none);
            }

            var outcome = await app.Services.GetRequiredService<SigningKeys>().RotateAsync(cancellationToken);
            if (!outcome.Succeeded(out var key, out var refusal))
            {
                return await Answers.RefusedAsync(refusal);
            }

            await Console.Out.WriteLineAsync($"Access tokens are signed with the key {key.Id} from now on.");
            return 0;
        });
        return new Command("signing-keys", "The keys that sign access tokens.") { rotate };
    }
}
