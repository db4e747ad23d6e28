using System.Globalization;
using KeyPortal.Keys.Pages.Policies;
using KeyPortal.Primitives;

namespace KeyPortal.Limits.Pages;

/// <summary>A rate limit as it stands in the fields of its row, checked by nobody yet.</summary>
public sealed class LimitDraft
{
    private const string FirstName = "burst";

    public string Name { get; set; } = "";

    public LimitAlgorithm Algorithm { get; set; }

    public string Limit { get; set; } = "";

    public SpanDraft Window { get; private init; } = new() { Unit = SpanUnit.Minutes };

    /// <summary>Percent; empty for no warning before the wall.</summary>
    public string WarnAt { get; set; } = "";

    /// <summary>The limit as far as it can be understood, whatever it is called; null while it cannot.</summary>
    public RateLimit? Meant =>
        LimitRules.RateLimits([ToInput() with { Name = FirstName }], (_, _) => { }) is [var limit] ? limit with { Name = Name.Trim() } : null;

    /// <summary>A row to begin with, under a name that <paramref name="others"/> do not have.</summary>
    public static LimitDraft After(IReadOnlyCollection<LimitDraft> others)
    {
        bool IsFree(string name) => others.All(o => o.Name.Trim() != name);
        var draft = new LimitDraft
        {
            Name = IsFree(FirstName) ? FirstName : Enumerable.Range(2, others.Count + 1).Select(n => $"limit-{n}").First(IsFree),
            Limit = "100",
            WarnAt = "80",
        };
        draft.Window.Amount = "1";
        return draft;
    }

    public static LimitDraft Of(RateLimit limit) => new()
    {
        Name = limit.Name,
        Algorithm = limit.Algorithm,
        Limit = limit.Limit.ToString(CultureInfo.InvariantCulture),
        Window = SpanDraft.Of(limit.WindowSeconds),
        WarnAt = limit.WarnAtPercent?.ToString(CultureInfo.InvariantCulture) ?? "",
    };

    public RateLimitInput ToInput() => new(Name.Trim(), SnakeCase.Of(Algorithm), TypedNumber.Read(Limit), Window.ToSeconds(), TypedNumber.ReadOptional(WarnAt));
}
