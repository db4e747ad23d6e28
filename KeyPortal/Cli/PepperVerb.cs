using System.CommandLine;
using KeyPortal.Keys;
using KeyPortal.Operations;
using KeyPortal.Primitives;

namespace KeyPortal.Cli;

/// <summary><c>pepper add</c>, <c>pepper retire ID</c>: what keys are found by, with the server stopped.</summary>
internal static class PepperVerb
{
    public static Command Create(VerbContext context) => new("pepper", "The secret of the hashes by which keys are found. The server must not be running.") { Add(context), Retire(context) };

    private static Command Add(VerbContext context)
    {
        var command = new Command("add", "Add a pepper. From the next start on each key is indexed under it at its next use; older ones stay for those not used yet.");
        command.SetAction((_, cancellationToken) => RunAsync(context, async change =>
            Said(await change.AddAsync(cancellationToken), id => $"Keys are indexed under the pepper {id} from the next start on."), cancellationToken));
        return command;
    }

    private static Command Retire(VerbContext context)
    {
        var id = new Argument<string>("ID") { Description = "The pepper's id: the name of its file without 'pepper-'." };
        var force = new Option<bool>("--force") { Description = "Also where secrets are still indexed under it. Each is then found slowly, by its start, at its next use." };
        var command = new Command("retire", "Delete an older pepper. Refused while secrets are indexed under it, unless forced.") { id, force };
        command.SetAction((parsed, cancellationToken) => RunAsync(context, async change =>
            Said(await change.RetireAsync(parsed.GetRequiredValue(id), parsed.GetValue(force), cancellationToken),
                indexed => $"The pepper {parsed.GetRequiredValue(id)} is deleted; {indexed:N0} {(indexed == 1 ? "secret was" : "secrets were")} indexed under it."), cancellationToken));
        return command;
    }

    private static Outcome<string> Said<T>(Outcome<T> outcome, Func<T, string> sentence) => outcome.Refusal is { } refusal ? refusal : sentence(outcome.Value);

    private static async Task<int> RunAsync(VerbContext context, Func<PepperChange, Task<Outcome<string>>> act, CancellationToken cancellationToken)
    {
        await using var app = context.BuildForVerb();
        if (await app.Services.RefuseWithoutInstanceAsync(cancellationToken) is { } none)
        {
            return await Answers.RefusedAsync(none);
        }

        var outcome = await act(app.Services.GetRequiredService<PepperChange>());
        if (!outcome.Succeeded(out var sentence, out var refusal))
        {
            return await Answers.RefusedAsync(refusal);
        }

        await Console.Out.WriteLineAsync(sentence);
        return 0;
    }
}
