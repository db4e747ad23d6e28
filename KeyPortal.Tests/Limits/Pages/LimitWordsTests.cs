using KeyPortal.Limits;
using KeyPortal.Limits.Pages;

namespace KeyPortal.Tests.Limits.Pages;

public sealed class LimitWordsTests
{
    private const long Hour = 3_600;
    private const long Day = 86_400;

    [Theory]
    [InlineData(100, 10, "Bursts of 100, then 10 a second; a client that waits as told is never refused.")]
    [InlineData(100, 60, "Bursts of 100, then about 1.7 a second; a client that waits as told is never refused.")]
    [InlineData(1_000, 60, "Bursts of 1,000, then about 17 a second; a client that waits as told is never refused.")]
    [InlineData(125, 10, "Bursts of 125, then 12.5 a second; a client that waits as told is never refused.")]
    [InlineData(61, 60, "Bursts of 61, then about 1 a second; a client that waits as told is never refused.")]
    [InlineData(60, 60, "Bursts of 60, then 1 a second; a client that waits as told is never refused.")]
    [InlineData(59, 60, "Bursts of 59, then about one a second; a client that waits as told is never refused.")]
    [InlineData(10, 60, "Bursts of 10, then one every 6 seconds; a client that waits as told is never refused.")]
    [InlineData(7, 60, "Bursts of 7, then about one every 8.6 seconds; a client that waits as told is never refused.")]
    [InlineData(60, Hour, "Bursts of 60, then one a minute; a client that waits as told is never refused.")]
    [InlineData(40, Hour, "Bursts of 40, then one every 90 seconds; a client that waits as told is never refused.")]
    [InlineData(24, Day, "Bursts of 24, then one an hour; a client that waits as told is never refused.")]
    [InlineData(10, Day, "Bursts of 10, then one every 2.4 hours; a client that waits as told is never refused.")]
    [InlineData(1, 6, "One call every 6 seconds; a client that waits as told is never refused.")]
    [InlineData(1, 1, "One call a second; a client that waits as told is never refused.")]
    [InlineData(1, Day, "One call a day; a client that waits as told is never refused.")]
    [InlineData(1, 31 * Day, "One call every 31 days; a client that waits as told is never refused.")]
    [InlineData(1_000_000_000, 1, "Bursts of 1,000,000,000, then 1,000,000,000 a second; a client that waits as told is never refused.")]
    [InlineData(2, 31 * Day, "Bursts of 2, then one every 15.5 days; a client that waits as told is never refused.")]
    public void A_token_bucket_is_a_burst_and_then_an_even_rate(long limit, long window, string words) => Of(LimitAlgorithm.TokenBucket, limit, window).ShouldBe(words);

    [Theory]
    [InlineData(100, 60, "At most 100 in a minute that begins with its first call; when they are spent, the rest of that minute is refused.")]
    [InlineData(100, 10, "At most 100 in 10 seconds that begin with their first call; when they are spent, the rest of those 10 seconds is refused.")]
    [InlineData(5_000, Hour, "At most 5,000 in an hour that begins with its first call; when they are spent, the rest of that hour is refused.")]
    [InlineData(1, 60, "At most 1 in a minute that begins with it; the rest of that minute is refused.")]
    public void A_fixed_window_begins_with_its_first_call(long limit, long window, string words) => Of(LimitAlgorithm.FixedWindow, limit, window).ShouldBe(words);

    [Theory]
    [InlineData(100, 60, "About 100 in any minute just past; room comes back as that minute moves on.")]
    [InlineData(100, 90, "About 100 in any 90 seconds just past; room comes back as those 90 seconds move on.")]
    [InlineData(100, 3_661, "About 100 in any 3,661 seconds just past; room comes back as those 3,661 seconds move on.")]
    public void A_sliding_window_is_the_time_just_past(long limit, long window, string words) => Of(LimitAlgorithm.SlidingWindow, limit, window).ShouldBe(words);

    [Theory]
    [InlineData(QuotaPeriod.Day, QuotaMode.Hard, "10,000 a day (UTC); beyond that calls are refused until midnight UTC.")]
    [InlineData(QuotaPeriod.Month, QuotaMode.Hard, "10,000 a month (UTC); beyond that calls are refused until the next month begins.")]
    [InlineData(QuotaPeriod.Day, QuotaMode.Soft, "10,000 a day (UTC); beyond that calls go on, with a warning.")]
    public void A_quota_says_what_happens_beyond_it(QuotaPeriod period, QuotaMode mode, string words) => LimitWords.Of(new Quota(period, 10_000, mode)).ShouldBe(words);

    [Theory]
    [InlineData(100, 80, 80)]
    [InlineData(7, 80, 6)]
    [InlineData(1, 1, 1)]
    [InlineData(10, 100, 10)]
    [InlineData(1_000_000_000, 99, 990_000_000)]
    public void A_warning_begins_with_the_call_that_makes_its_percentage_full(long limit, int percent, long from)
    {
        LimitWords.WarnsFrom(limit, percent).ShouldBe(from);
        LimitWords.Of(new RateLimit("burst", LimitAlgorithm.TokenBucket, limit, 60, percent)).ShouldEndWith($" Warns from {from:N0}.");
        LimitWords.Of(new Quota(QuotaPeriod.Day, limit, QuotaMode.Soft, percent)).ShouldEndWith($" Warns from {from:N0}.");
    }

    [Theory]
    [InlineData(600, 60, "600 calls a minute")]
    [InlineData(100, 10, "100 calls in 10 seconds")]
    [InlineData(5, Hour, "5 calls an hour")]
    public void An_amount_names_its_period(long limit, long window, string words) =>
        LimitWords.Amount(new RateLimit("burst", LimitAlgorithm.TokenBucket, limit, window), " calls").ShouldBe(words);

    private static string Of(LimitAlgorithm algorithm, long limit, long window) => LimitWords.Of(new RateLimit("burst", algorithm, limit, window));
}
