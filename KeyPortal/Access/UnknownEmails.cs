namespace KeyPortal.Access;

/// <summary>
/// Counts and locks e-mails that have no account as if they had one: a lock would otherwise tell which accounts exist. In memory and bounded, for
/// anyone may send any number of them.
/// </summary>
internal sealed class UnknownEmails(int most, TimeSpan lockFor)
{
    private const int Remembered = 10_000;
    private readonly Lock _changing = new();
    private readonly Dictionary<string, (int Wrong, DateTimeOffset LockedUntil)> _counts = new(StringComparer.Ordinal);

    /// <summary>How many addresses are remembered; bounded.</summary>
    internal int Remembers
    {
        get
        {
            lock (_changing)
            {
                return _counts.Count;
            }
        }
    }

    public bool IsLocked(string email, DateTimeOffset now)
    {
        lock (_changing)
        {
            return _counts.TryGetValue(email, out var known) && known.LockedUntil > now;
        }
    }

    public void Count(string email, DateTimeOffset now)
    {
        lock (_changing)
        {
            var wrong = _counts.GetValueOrDefault(email).Wrong + 1;
            if (_counts.Count >= Remembered)
            {
                _counts.Clear();
            }

            _counts[email] = wrong >= most ? (0, now + lockFor) : (wrong, default);
        }
    }
}
