using KeyPortal.Keys;

namespace KeyPortal.Validation;

/// <summary>Calls that would have been refused for one cause: what they needed, or the address they came from; null where they named no address.</summary>
public sealed record RefusedCause(string? Named, long Count);

/// <summary>
/// Calls that one kind of change (of scopes, or of networks) would have refused, the most frequent cause first, and <paramref name="Unknown"/> others of
/// which it is not known. The causes add up to <paramref name="Count"/>; those beyond <see cref="Shown"/> are summed in <paramref name="OtherCauses"/>.
/// </summary>
public sealed record RefusedCalls(long Count, IReadOnlyList<RefusedCause> Top, long OtherCauses, long Unknown)
{
    public const int Shown = 3;

    public static readonly RefusedCalls None = new(0, [], 0, 0);

    internal static RefusedCalls Of(IEnumerable<RefusedCause> causes, long unknown)
    {
        var ordered = causes.OrderByDescending(c => c.Count).ThenBy(c => c.Named, StringComparer.Ordinal).ToList();
        return new RefusedCalls(ordered.Sum(c => c.Count), [.. ordered.Take(Shown)], ordered.Skip(Shown).Sum(c => c.Count), unknown);
    }
}

/// <summary>What a change of a key would have refused of its valid <paramref name="Calls"/> in the last <see cref="Usage.KeyTallies.Days"/> days.</summary>
public sealed record ChangeEffect(long Calls, RefusedCalls ByScope, RefusedCalls ByAddress)
{
    /// <summary>A call may fail both checks, and the two are counted apart: this many at least would have been refused.</summary>
    public long AtLeast => Math.Max(ByScope.Count, ByAddress.Count);

    /// <summary>And this many at most, of those that are known.</summary>
    public long AtMost => Math.Min(Calls, ByScope.Count + ByAddress.Count);
}
