namespace KeyPortal.Access;

/// <summary>
/// How many characters a password is worth to whoever guesses it with a list: the cheapest way to put it together from single characters and from parts
/// that cost an attacker little, however long they are.
/// </summary>
internal static class PasswordWorth
{
    private const int OwnPart = 1;
    private const int Repetition = 1;
    private const int CommonPart = 2;
    private const int Run = 2;
    private const int ShortestRun = 3;

    // Rows of the keyboards that most people have.
    private static readonly string[] Rows =
        [.. ((string[])["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn", "abcdefghijklmnopqrstuvwxyz"])
            .SelectMany(row => (string[])[row, string.Concat(row.Reverse())])];

    public static int Of(string password, IReadOnlySet<string> ownParts)
    {
        var plain = password.ToLowerInvariant();
        // "p@ssw0rd" is tried right after "password"; a 1 may stand for i or l.
        string[] readings = [plain, Unmask(plain, 'i'), Unmask(plain, 'l')];
        var worth = new int[plain.Length + 1];
        for (var end = 1; end <= plain.Length; end++)
        {
            worth[end] = worth[end - 1] + 1;
            for (var start = 0; start < end; start++)
            {
                worth[end] = Math.Min(worth[end], worth[start] + (CostOf(readings, start, end, ownParts) ?? end - start));
            }

            for (var unit = 1; unit <= end / 2; unit++)
            {
                worth[end] = Math.Min(worth[end], worth[RepeatedFrom(plain, unit, end)] + Repetition);
            }
        }

        return worth[^1];
    }

    /// <summary>What a part costs as a whole; null where it is nothing in particular.</summary>
    private static int? CostOf(string[] readings, int start, int end, IReadOnlySet<string> ownParts)
    {
        var length = end - start;
        var plain = readings[0].AsSpan(start, length);
        if (ownParts.Count > 0 && readings.Any(reading => ownParts.Contains(reading[start..end])))
        {
            return OwnPart;
        }

        return length >= ShortestRun && (IsRun(plain) || IsYear(plain)) ? Run
            : length is >= CommonPasswords.Shortest and <= CommonPasswords.Longest && readings.Any(reading => CommonPasswords.Contains(reading.AsSpan(start, length))) ? CommonPart
            : null;
    }

    private static bool IsRun(ReadOnlySpan<char> part)
    {
        foreach (var row in Rows)
        {
            if (row.AsSpan().IndexOf(part) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsYear(ReadOnlySpan<char> part) => part is ['1', '9', _, _] or ['2', '0', _, _] && char.IsAsciiDigit(part[2]) && char.IsAsciiDigit(part[3]);

    /// <summary>Up to where a stretch that ends at <paramref name="end"/> does nothing but repeat the <paramref name="unit"/> characters before.</summary>
    private static int RepeatedFrom(string text, int unit, int end)
    {
        var from = end;
        while (from > unit && text[from - 1] == text[from - 1 - unit])
        {
            from--;
        }

        return end - from >= unit ? from : end - 1;
    }

    private static string Unmask(string text, char one) => string.Create(text.Length, (text, one), static (span, state) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = state.text[i] switch
            {
                '@' or '4' => 'a',
                '3' => 'e',
                '0' => 'o',
                '$' or '5' => 's',
                '7' or '+' => 't',
                '1' or '!' or '|' => state.one,
                var other => other,
            };
        }
    });
}
