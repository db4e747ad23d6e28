using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Sockets;
using KeyPortal.Primitives;
using Microsoft.Extensions.Options;

namespace KeyPortal.Access;

/// <summary>What can be guessed at.</summary>
public enum Guess
{
    Password,
    SecondFactor,
    SetupCode,
    Invitation,

    /// <summary>Links that set a new password, and asking for one.</summary>
    Recovery,
    RefreshToken,

    /// <summary>Reports of leaked keys that name none of ours.</summary>
    LeakedKeys,
}

/// <summary>Settings <c>KeyPortal:Guesses:*</c>.</summary>
public sealed class GuessSettings
{
    public const string Section = "KeyPortal:Guesses";

    /// <summary>How many failed attempts of one kind one address may make in fifteen minutes. Accounts have a lock of their own besides.</summary>
    [Range(1, 1_000_000, ErrorMessage = "KeyPortal:Guesses:PerAddress must be from 1 to 1,000,000.")]
    public int PerAddress { get; set; } = 30;
}

/// <summary>
/// Bounds failed attempts by the address they come from, so that trying one password on a thousand accounts ends as early as a thousand on one. An
/// attempt is counted before it is made and given back when it was right: many at once cannot slip through together. Fails closed: when too many
/// addresses are remembered, new ones wait.
/// </summary>
public sealed class GuessLimits(IOptions<GuessSettings> settings, TimeProvider clock)
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(15);
    private const int Remembered = 100_000;

    private readonly Lock _changing = new();
    private readonly Dictionary<(Guess, string), (int Count, DateTimeOffset Until)> _counts = [];

    public static readonly Refusal TooMany = new(RefusalKind.TooMany, "too_many_attempts", "Too many failed attempts from your address. Try again in 15 minutes.") { RetryAfter = Window };

    /// <summary>Takes one attempt; false when the address has used up its own.</summary>
    public bool TryBegin(Guess kind, string? ip)
    {
        var now = clock.Now();
        var key = (kind, Group(ip));
        lock (_changing)
        {
            if (!_counts.TryGetValue(key, out var known) || known.Until <= now)
            {
                if (_counts.Count >= Remembered && !MakeRoom(now))
                {
                    return false;
                }

                known = (0, now + Window);
            }

            if (known.Count >= settings.Value.PerAddress)
            {
                return false;
            }

            _counts[key] = known with { Count = known.Count + 1 };
            return true;
        }
    }

    /// <summary>Gives an attempt back that was no wrong guess.</summary>
    public void Forgive(Guess kind, string? ip)
    {
        lock (_changing)
        {
            if (_counts.TryGetValue((kind, Group(ip)), out var known) && known.Count > 0)
            {
                _counts[(kind, Group(ip))] = known with { Count = known.Count - 1 };
            }
        }
    }

    private bool MakeRoom(DateTimeOffset now)
    {
        foreach (var key in _counts.Where(c => c.Value.Until <= now || c.Value.Count == 0).Select(c => c.Key).ToList())
        {
            _counts.Remove(key);
        }

        return _counts.Count < Remembered;
    }

    /// <summary>An IPv6 network of 64 bits is one address: whoever has one of its addresses has them all (RFC 4291 §2.5.4).</summary>
    private static string Group(string? ip)
    {
        if (!IPAddress.TryParse(ip, out var address))
        {
            return "";
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6 || address.IsIPv4MappedToIPv6)
        {
            return AccessFeature.AddressOf(address)!;
        }

        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, 8, 8);
        return new IPAddress(bytes).ToString();
    }
}
