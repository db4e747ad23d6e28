using System.CommandLine;

namespace KeyPortal.Cli;

/// <summary><c>--password-stdin</c>: how a verb takes a password. On the command line every other process of the machine could read it.</summary>
internal static class PasswordInput
{
    public static void Require(Command command, string description)
    {
        var option = new Option<bool>("--password-stdin") { Description = description };
        command.Options.Add(option);
        // A flag has a value whether or not it was given, so the library takes it for given.
        command.Validators.Add(result =>
        {
            if (!result.GetValue(option))
            {
                result.AddError($"Option '{option.Name}' is required.");
            }
        });
    }

    /// <summary>One line of standard input.</summary>
    public static async Task<string> ReadAsync(CancellationToken cancellationToken) => await Console.In.ReadLineAsync(cancellationToken) ?? "";
}
