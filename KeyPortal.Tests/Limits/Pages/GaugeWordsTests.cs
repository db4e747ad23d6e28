using KeyPortal.Limits;
using KeyPortal.Limits.Pages;
using KeyPortal.Validation;

namespace KeyPortal.Tests.Limits.Pages;

public sealed class GaugeWordsTests
{
    private static readonly RateLimit Bucket = new("burst", LimitAlgorithm.TokenBucket, 100, 10, 80);

    [Theory]
    [InlineData(0, 0, LimitMarks.None, "0 of 100 used, fine")]
    [InlineData(59, 12, LimitMarks.None, "59 of 100 used, fine, more in 12 s")]
    [InlineData(80, 119, LimitMarks.Near, "80 of 100 used, near its end, more in 119 s")]
    [InlineData(100, 121, LimitMarks.Near | LimitMarks.Refused, "100 of 100 used, spent, more in 3 min")]
    [InlineData(100, 7_201, LimitMarks.Refused, "100 of 100 used, spent, more in 3 h")]
    [InlineData(100, 172_801, LimitMarks.Refused, "100 of 100 used, spent, more in 3 days")]
    public void A_gauge_says_how_much_is_used_how_it_stands_and_when_there_is_more(long used, long reset, LimitMarks marks, string words) =>
        GaugeWords.Of(new LimitReadingItem("burst", Bucket, null, null, false, new LimitStanding(100, used, reset, 0, marks))).ShouldBe(words);

    [Theory]
    [InlineData(QuotaMode.Soft, 99, LimitMarks.Near, "Near its end", "warning")]
    [InlineData(QuotaMode.Soft, 100, LimitMarks.Near, "Used up; calls go on", "warning")]
    [InlineData(QuotaMode.Soft, 250, LimitMarks.Over, "Used up; calls go on", "warning")]
    [InlineData(QuotaMode.Hard, 100, LimitMarks.Refused, "Spent", "bad")]
    [InlineData(QuotaMode.Hard, 5, LimitMarks.None, "Fine", "good")]
    public void Colour_comes_with_a_word(QuotaMode mode, long used, LimitMarks marks, string word, string tone)
    {
        var quota = new Quota(QuotaPeriod.Day, 100, mode);

        GaugeState.Of(new LimitReadingItem(quota.Name, null, quota, null, false, new LimitStanding(100, used, 60, 0, marks))).ShouldBe(new GaugeState(word, tone));
    }

    [Fact]
    public void A_limit_is_named_by_what_it_counts()
    {
        Kind(Bucket, null).ShouldBe("100 in 10 seconds, token bucket");
        Kind(Bucket with { Algorithm = LimitAlgorithm.SlidingWindow, WindowSeconds = 60 }, null).ShouldBe("100 a minute, sliding window");
        Kind(null, new Quota(QuotaPeriod.Month, 1_000_000, QuotaMode.Soft)).ShouldBe("1,000,000 a month, soft");
    }

    private static string Kind(RateLimit? limit, Quota? quota) => GaugeWords.Kind(new LimitReadingItem("x", limit, quota, null, false, default));
}
