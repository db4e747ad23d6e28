using KeyPortal.Access;
using KeyPortal.Primitives;
using KeyPortal.Setup;

namespace KeyPortal.Cli;

/// <summary>What the console says when the server is ready. The set-up code goes here and nowhere else: not to a log, not to a file.</summary>
internal static class Greeting
{
    public static async Task PrintAsync(WebApplication app, DemonstrationSignIn? demonstration, TextWriter console)
    {
        if (app.Urls.FirstOrDefault() is not { } address)
        {
            return;
        }

        address = PublicAddress.FromHere(address);
        var text = $"""

              KeyPortal is ready on {address}

            """;
        if (demonstration is not null)
        {
            // These passwords are random and of this demonstration only; they are printed here once and stored nowhere but as hashes.
            text += $"  Sign in to the demonstration, {demonstration.OrganizationName}, as one of\n";
            text += string.Concat(demonstration.People.Select(p => $"    {p.Email,-28} {p.Password}   {SnakeCase.Of(p.Role)}\n"));
        }
        else if (await app.Services.GetRequiredService<FirstRun>().IsEmptyAsync())
        {
            text += $"""
                  This instance is empty. Set it up at {address}/set-up
                  with the code  {app.Services.GetRequiredService<SetupCode>().Issue()}

                """;
        }

        await console.WriteLineAsync(text);
        await console.FlushAsync();
    }
}
