using KeyPortal.Primitives;

namespace KeyPortal.Cli;

/// <summary>How a verb says no: one line for each thing that is wrong, on stderr, and exit 1.</summary>
internal static class Answers
{
    public static async Task<int> RefusedAsync(Refusal refusal)
    {
        var lines = refusal.Errors.Count > 0 ? refusal.Errors.Select(error => error.Detail) : [refusal.Detail];
        await Console.Error.WriteLineAsync(string.Join(Environment.NewLine, lines));
        return 1;
    }
}
