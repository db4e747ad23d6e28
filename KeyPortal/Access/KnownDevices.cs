using System.Security.Cryptography;
using KeyPortal.Primitives;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;

namespace KeyPortal.Access;

/// <summary>
/// A browser in which an account's owner has signed in with all factors: by a cookie, or by the session it is in now. <paramref name="Stamp"/> changes with the
/// password.
/// </summary>
public sealed record KnownDevice(string UserId, string Id, string? Stamp);

/// <summary>
/// Keeps an account's lock from being a weapon. Whoever knows an e-mail address can lock its account for strangers, again and again; browsers that its owner
/// has signed in with are no strangers, and have a bound of their own (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). What they get wrong
/// neither counts for the account nor for the address, so that nobody is shut out by those who share it.
/// </summary>
public sealed class KnownDevices(IDataProtectionProvider protection, TimeProvider clock)
{
    /// <summary>How long a browser is known after the last sign-in.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(180);

    private const int Remembered = 10_000;

    private readonly ITimeLimitedDataProtector _seal = protection.CreateProtector("KeyPortal.Access.KnownDevice.v1").ToTimeLimitedDataProtector();
    private readonly Lock _changing = new();
    private readonly Dictionary<string, (int Wrong, DateTimeOffset Until)> _counts = new(StringComparer.Ordinal);

    /// <summary>What a browser's cookie says it is; null for what is too old or not ours. Whether it is known to this account, <see cref="IsOf"/> tells.</summary>
    public KnownDevice? Open(string? cookie)
    {
        try
        {
            return !string.IsNullOrEmpty(cookie) && _seal.Unprotect(cookie).Split(' ') is [var userId, var id, var stamp] ? new KnownDevice(userId, id, stamp) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Is this a browser of the account, and the password still the one it was known with? A thief's browser becomes a stranger with a new one.</summary>
    public static bool IsOf(KnownDevice device, IdentityUser user) => device.UserId == user.Id && device.Stamp == user.SecurityStamp;

    /// <summary>The cookie for a browser that the account's owner has just signed in with. It stays the same device: a new id would have wrong guesses forgotten.</summary>
    public string Seal(IdentityUser user, string? before)
    {
        var id = Open(before) is { } known && IsOf(known, user) ? known.Id : Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        return _seal.Protect($"{user.Id} {id} {user.SecurityStamp}", KeptFor);
    }

    /// <summary>The browser that a person acts in now. It needs no cookie to be known.</summary>
    public static KnownDevice Of(Actor person) => new(person.MemberId, person.SessionId ?? person.MemberId, null);

    /// <summary>Takes one attempt before it is made: of many at once each counts. False for fifteen minutes when the device has used up its five.</summary>
    public bool TryBegin(KnownDevice device)
    {
        var now = clock.Now();
        lock (_changing)
        {
            var known = _counts.GetValueOrDefault(device.Id);
            var wrong = known.Until > now ? known.Wrong : 0;
            if (wrong >= WrongPasswords.Most || (!_counts.ContainsKey(device.Id) && _counts.Count >= Remembered && !MakeRoom(now)))
            {
                return false;
            }

            _counts[device.Id] = (wrong + 1, now + WrongPasswords.LockFor);
            return true;
        }
    }

    /// <summary>Gives an attempt back that was none.</summary>
    public void GiveBack(KnownDevice device)
    {
        lock (_changing)
        {
            if (_counts.TryGetValue(device.Id, out var known))
            {
                _counts[device.Id] = known with { Wrong = known.Wrong - 1 };
            }
        }
    }

    /// <summary>Forgets what was wrong before a right password.</summary>
    public void Forgive(KnownDevice device)
    {
        lock (_changing)
        {
            _counts.Remove(device.Id);
        }
    }

    private bool MakeRoom(DateTimeOffset now)
    {
        foreach (var id in _counts.Where(c => c.Value.Until <= now).Select(c => c.Key).ToList())
        {
            _counts.Remove(id);
        }

        return _counts.Count < Remembered;
    }
}
