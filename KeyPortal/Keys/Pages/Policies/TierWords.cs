using KeyPortal.Limits;

namespace KeyPortal.Keys.Pages.Policies;

/// <summary>What the tiers' page says in more than one place.</summary>
internal static class TierWords
{
    /// <summary><c>12 keys today.</c></summary>
    public static string Today(int keys) => $"{KeyWords.Count(keys, "key", "keys")} today.";

    /// <summary>Is the tier still as it was shown? Two people may edit at once.</summary>
    public static bool IsAsShown(this TierList now, LimitTier shown) => now.Find(shown.Name) is { } tier
        && tier.Description == shown.Description && tier.RateLimits.SequenceEqual(shown.RateLimits) && tier.Quotas.SequenceEqual(shown.Quotas);
}
