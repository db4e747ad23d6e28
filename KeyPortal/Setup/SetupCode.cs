using System.Security.Cryptography;
using System.Text;
using KeyPortal.Access;
using KeyPortal.Primitives;

namespace KeyPortal.Setup;

/// <summary>
/// Proves that whoever opens the set-up page can also read the console: 128 random bits, new at each start, kept in memory only and dead once used.
/// Without it the first stranger to reach a fresh instance would own it.
/// </summary>
public sealed class SetupCode(GuessLimits guesses)
{
    public static readonly Refusal Wrong = Refusal.Invalid("/code", "This is not the code on the console. A restart makes a new one.");

    private readonly Lazy<string> _code = new(() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
    private volatile bool _spent;

    /// <summary>Makes the code and returns it for the console, in groups that are easy to type; the same one until the program starts again.</summary>
    public string Issue() => string.Join('-', _code.Value.Chunk(8).Select(group => new string(group)));

    /// <summary>Null when it is the code; else <see cref="Wrong"/>, or that too many wrong ones came from this address.</summary>
    public Refusal? Check(string? typed, string? ip)
    {
        if (!guesses.TryBegin(Guess.SetupCode, ip))
        {
            return GuessLimits.TooMany;
        }

        if (!Matches(typed))
        {
            return Wrong;
        }

        guesses.Forgive(Guess.SetupCode, ip);
        return null;
    }

    /// <summary>Compares in constant time; hyphens, spaces and case do not count.</summary>
    internal bool Matches(string? typed)
    {
        var plain = Encoding.UTF8.GetBytes((typed ?? "").Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant());
        return !_spent && _code.IsValueCreated && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(_code.Value), plain);
    }

    public void Spend() => _spent = true;
}
