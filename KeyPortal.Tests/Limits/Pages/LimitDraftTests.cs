using KeyPortal.Keys.Pages.Policies;
using KeyPortal.Limits;
using KeyPortal.Limits.Pages;

namespace KeyPortal.Tests.Limits.Pages;

public sealed class LimitDraftTests
{
    [Theory]
    [InlineData(60, "1", SpanUnit.Minutes)]
    [InlineData(90, "90", SpanUnit.Seconds)]
    [InlineData(3_661, "3661", SpanUnit.Seconds)]
    [InlineData(172_800, "2", SpanUnit.Days)]
    public void A_limit_comes_back_from_its_row_as_it_went_in(long window, string amount, SpanUnit unit)
    {
        var limit = new RateLimit("by-the-api_2", LimitAlgorithm.SlidingWindow, 1_000_000_000, window, 7);

        var draft = LimitDraft.Of(limit);

        (draft.Window.Amount, draft.Window.Unit).ShouldBe((amount, unit));
        draft.ToInput().ShouldBe(RateLimitInput.Of(limit));
        draft.Meant.ShouldBe(limit);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(100)]
    public void A_quota_comes_back_from_its_row_as_it_went_in(int? warnAt)
    {
        var quota = new Quota(QuotaPeriod.Month, 12_345_678, QuotaMode.Soft, warnAt);

        QuotaDraft.Of(quota).ToInput().ShouldBe(QuotaInput.Of(quota));
        QuotaDraft.Of(quota).Meant.ShouldBe(quota);
    }

    [Theory]
    [InlineData("", "/rate_limits/0/limit")]
    [InlineData("0", "/rate_limits/0/limit")]
    [InlineData("many", "/rate_limits/0/limit")]
    [InlineData("1,5", "/rate_limits/0/limit")]
    [InlineData("1.000", "/rate_limits/0/limit")]
    [InlineData("-5", "/rate_limits/0/limit")]
    [InlineData("99999999999999999999", "/rate_limits/0/limit")]
    public void A_limit_that_is_no_number_is_refused_and_not_guessed(string typed, string pointer) => Broken(d => d.Limit = typed).ShouldBe([pointer]);

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("1.5")]
    [InlineData("99999999999999999999")]
    [InlineData("9223372036854775807")]
    public void A_window_that_is_none_is_refused_and_not_guessed(string typed) => Broken(d => d.Window.Amount = typed).ShouldBe(["/rate_limits/0/window_seconds"]);

    [Theory]
    [InlineData("0")]
    [InlineData("101")]
    [InlineData("80%")]
    [InlineData("99999999999999999999")]
    public void A_percentage_that_is_none_is_refused_and_not_dropped(string typed)
    {
        Broken(d => d.WarnAt = typed).ShouldBe(["/rate_limits/0/warn_at_percent"]);
        List<string> errors = [];
        LimitRules.Quotas([new QuotaDraft { Limit = "1", WarnAt = typed }.ToInput()], (pointer, _) => errors.Add(pointer));
        errors.ShouldBe(["/quotas/0/warn_at_percent"]);
    }

    [Theory]
    [InlineData("10,000", 10_000)]
    [InlineData(" 10 000 ", 10_000)]
    [InlineData("1'000'000", 1_000_000)]
    [InlineData("007", 7)]
    public void A_number_may_be_typed_as_these_pages_print_it(string typed, long limit)
    {
        var draft = LimitDraft.After([]);
        draft.Limit = typed;

        draft.ToInput().Limit.ShouldBe(limit);
    }

    [Fact]
    public void A_percentage_left_empty_warns_of_nothing() => new QuotaDraft { Limit = "5", WarnAt = " " }.ToInput().WarnAtPercent.ShouldBeNull();

    [Fact]
    public void New_rows_are_good_as_they_stand_and_have_names_of_their_own()
    {
        List<LimitDraft> rows = [];
        for (var i = 0; i < LimitRules.MaxRateLimits; i++)
        {
            rows.Add(LimitDraft.After(rows));
        }

        rows.Select(r => r.Name).ShouldBe(["burst", "limit-2", "limit-3", "limit-4", "limit-5"]);
        LimitRules.RateLimits([.. rows.Select(r => r.ToInput())], (pointer, rule) => throw new InvalidOperationException($"{pointer}: {rule}")).Count.ShouldBe(5);
        rows.RemoveAt(0);
        LimitDraft.After(rows).Name.ShouldBe("burst");
    }

    [Fact]
    public void A_second_quota_takes_the_period_that_is_free()
    {
        var day = QuotaDraft.After([]);

        (day.Period, QuotaDraft.After([day]).Period).ShouldBe((QuotaPeriod.Day, QuotaPeriod.Month));
        day.Period = QuotaPeriod.Month;
        QuotaDraft.After([day]).Period.ShouldBe(QuotaPeriod.Day);
    }

    [Fact]
    public void What_a_row_means_is_told_before_its_name_is_a_good_one()
    {
        var draft = LimitDraft.After([]);
        draft.Name = "Not Yet ";

        draft.Meant.ShouldBe(new RateLimit("Not Yet", LimitAlgorithm.TokenBucket, 100, 60, 80));
        draft.Limit = "x";
        draft.Meant.ShouldBeNull();
    }

    private static List<string> Broken(Action<LimitDraft> type)
    {
        var draft = LimitDraft.After([]);
        type(draft);
        List<string> errors = [];
        LimitRules.RateLimits([draft.ToInput()], (pointer, _) => errors.Add(pointer));
        return errors;
    }
}
