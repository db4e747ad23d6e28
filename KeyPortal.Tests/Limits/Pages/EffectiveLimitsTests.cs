using KeyPortal.Limits;
using KeyPortal.Limits.Pages;

namespace KeyPortal.Tests.Limits.Pages;

public sealed class EffectiveLimitsTests
{
    private static readonly TierList NoDefault = TierList.Initial;
    private static readonly TierList FreeByDefault = TierList.Initial with { DefaultTier = "free" };
    private static readonly RateLimit Burst = new("burst", LimitAlgorithm.TokenBucket, 600, 60);
    private static readonly RateLimit Nightly = new("nightly", LimitAlgorithm.FixedWindow, 5, 3_600);
    private static readonly Quota Daily = new(QuotaPeriod.Day, 10_000);
    private static readonly Quota Warned = new(QuotaPeriod.Month, 1_000_000, QuotaMode.Soft);

    [Fact]
    public void A_key_without_any_is_never_refused_for_its_number()
    {
        var none = EffectiveLimits.Of([], [], null, NoDefault);

        none.Lead.ShouldBe("No limits: calls with this key are never refused for their number.");
        none.All.ShouldBeEmpty();
    }

    [Fact]
    public void A_key_that_names_no_tier_takes_the_default_one()
    {
        var some = EffectiveLimits.Of([], [], null, FreeByDefault);

        some.Lead.ShouldBe("The key names no tier, so it takes the limits of your organization's default tier free.");
        some.All.Select(l => (l.Name, l.From)).ShouldBe([("burst", "Default tier free"), ("quota-day", "Default tier free")]);
        some.All[0].Words.ShouldBe("Bursts of 60, then 1 a second; a client that waits as told is never refused. Warns from 48.");
    }

    [Fact]
    public void A_limit_of_its_own_stands_in_the_place_of_the_tiers()
    {
        var some = EffectiveLimits.Of([Burst, Nightly], [Warned], "free", NoDefault);

        some.Lead.ShouldBe("The key takes the limits of the tier free, and follows when the tier is changed.");
        some.All.Select(l => (l.Name, l.From)).ShouldBe([("burst", "Its own, in place of the tier's"), ("nightly", "Its own"), ("quota-month", "Its own"), ("quota-day", "Tier free")]);
    }

    [Fact]
    public void The_same_limits_hold_in_words_and_in_truth()
    {
        foreach (var named in (string?[])[null, "free", "standard", "unlimited", "gone"])
        {
            foreach (var tiers in (TierList[])[NoDefault, FreeByDefault])
            {
                var truth = KeyLimits.Of([Burst, Nightly], [Warned], tiers.Find(named), tiers.Find(tiers.DefaultTier));
                var names = truth.RateLimits.ToArray().Select(l => l.Name).Concat(truth.Quotas.ToArray().Select(q => q.Name));

                EffectiveLimits.Of([Burst, Nightly], [Warned], named, tiers).All.Select(l => l.Name).ShouldBe(names);
            }
        }
    }

    [Theory]
    [InlineData("unlimited", true, "The tier unlimited sets no limits, and exempts the key from the default tier free.")]
    [InlineData("unlimited", false, "The tier unlimited sets no limits.")]
    [InlineData("gone", true, "The tier gone is no longer there; the key takes the limits of the default tier free.")]
    public void A_tier_without_limits_exempts(string named, bool hasDefault, string lead) =>
        EffectiveLimits.Of([], [], named, hasDefault ? FreeByDefault : NoDefault).Lead.ShouldBe(lead);

    [Fact]
    public void Its_own_limits_hold_whatever_a_tier_leaves_out()
    {
        EffectiveLimits.Of([Burst], [], null, NoDefault).Lead.ShouldBe("No tier adds to them: the key's own limits hold.");
        EffectiveLimits.Of([Burst], [], "unlimited", FreeByDefault).Lead.ShouldEndWith("exempts the key from the default tier free. Its own limits hold.");
    }

    [Fact]
    public void A_sentence_about_the_key_ends_with_its_limits()
    {
        Clause([Burst], [], null, NoDefault).ShouldBe(", at most 600 calls a minute");
        Clause([Burst], [Daily], null, NoDefault).ShouldBe(", at most 600 calls a minute and 10,000 a day");
        Clause([], [Daily], null, null).ShouldBe(", at most 10,000 calls a day");
        Clause([Burst], [Warned], null, null).ShouldBe(", at most 600 calls a minute, with warnings beyond 1,000,000 calls a month");
        Clause([Burst, Nightly], [Daily], "free", NoDefault).ShouldBe(", with 3 limits of its own and those of the tier free");
        Clause([], [], "free", null).ShouldBe(", with the limits of the tier free");
        Clause([], [], null, FreeByDefault).ShouldBe(", with the limits of the default tier free");
        Clause([], [], "unlimited", FreeByDefault).ShouldBe(", without limits");
        Clause([Burst], [], "unlimited", FreeByDefault).ShouldBe(", at most 600 calls a minute");
        Clause([], [], null, NoDefault).ShouldBe("");
    }

    private static string Clause(RateLimit[] rateLimits, Quota[] quotas, string? named, TierList? tiers) => EffectiveLimits.Clause(rateLimits, quotas, named, tiers);
}
