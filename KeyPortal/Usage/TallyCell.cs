using KeyPortal.Keys;

namespace KeyPortal.Usage;

/// <summary>
/// Valid calls of one key and UTC day that asked for the same and came from the same address; what a change of the key would have refused is told from
/// these. <paramref name="Day"/> counts whole days since 1970. Compared by value, so that counting a call like one before makes no object.
/// </summary>
internal readonly record struct TallyCell(int Day, string KeyId, ScopeExpression? Needed, string? Ip)
{
    /// <summary>A demand that names more scopes is not kept; its calls are then of those of which it is not known what they needed.</summary>
    public const int MostScopes = 50;

    public static TallyCell Of(in UsageEvent validation, string keyId, string? ip) => new(UsageTime.DayOf(validation.At), keyId, validation.Needed, ip);

    public override int GetHashCode() => HashCode.Combine(KeyId.GetHashCode(StringComparison.Ordinal), Ip?.GetHashCode(StringComparison.Ordinal), Needed, Day);
}

/// <summary>One value on its way to the disk, as <see cref="CallTally"/> keeps it.</summary>
internal readonly record struct Tally(string KeyId, int Day, TallyKind Kind, string Value)
{
    /// <summary>
    /// Splits the cells into what was needed and where from, at most <see cref="CallTally.MostValues"/> of each a key and day. What does not fit is left out: the
    /// total is counted elsewhere, so it is missed and not lost.
    /// </summary>
    public static Dictionary<Tally, long> Split(Dictionary<TallyCell, long> cells)
    {
        Dictionary<Tally, long> tallies = [];
        Dictionary<(string, int, TallyKind), int> values = [];
        void Add(in Tally tally, long count)
        {
            if (tallies.TryGetValue(tally, out var already))
            {
                tallies[tally] = already + count;
                return;
            }

            var group = (tally.KeyId, tally.Day, tally.Kind);
            var others = values.GetValueOrDefault(group);
            if (others < CallTally.MostValues)
            {
                tallies[tally] = count;
                values[group] = others + 1;
            }
        }

        foreach (var (cell, count) in cells)
        {
            if (cell.Needed is null || cell.Needed.Size <= TallyCell.MostScopes)
            {
                Add(new Tally(cell.KeyId, cell.Day, TallyKind.Needed, cell.Needed?.ToText() ?? CallTally.None), count);
            }

            // The one spelling of an address; whatever is none named none.
            Add(new Tally(cell.KeyId, cell.Day, TallyKind.Address, AllowedNetwork.TryParseAddress(cell.Ip, out var ip) ? ip.ToString() : CallTally.None), count);
        }

        return tallies;
    }
}
