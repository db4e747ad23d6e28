using KeyPortal.Limits;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;
using KeyPortal.Validation;
using KeyPortal.Validation.Pages;

namespace KeyPortal.Tests.Validation.Pages;

public sealed class ViolationWordsTests
{
    private static readonly DateTimeOffset Now = TestClock.Start;

    [Theory]
    [InlineData(3, 1240, false, "3 keys ran into their limits in the last 24 hours; 1,240 calls were refused")]
    [InlineData(1, 1, false, "1 key ran into its limits in the last 24 hours; 1 call was refused")]
    [InlineData(2, 5, true, "2 of your keys ran into their limits in the last 24 hours; 5 calls were refused")]
    [InlineData(0, 0, false, "None of your organization's keys ran into its limits in the last 24 hours")]
    [InlineData(0, 0, true, "None of your keys ran into its limits in the last 24 hours")]
    public void A_page_is_summed_up_in_figures(int keys, long refused, bool ownOnly, string words) =>
        ViolationWords.Sum(new ViolationSummary(keys, refused), UsagePeriod.Hours24, ownOnly).ShouldBe(words);

    [Theory]
    [InlineData(0, 0, "did not run into a limit in the last 7 days")]
    [InlineData(1, 1, "ran into its limits once in the last 7 days; 1 call was refused")]
    [InlineData(4, 1240, "ran into its limits 4 times in the last 7 days; 1,240 calls were refused")]
    public void So_is_one_key(int violations, long refused, string words) =>
        ViolationWords.SumOfKey(violations, new ViolationSummary(1, refused), UsagePeriod.Days7).ShouldBe(words);

    [Theory]
    [InlineData(0, 600, "a moment")]
    [InlineData(12, 600, "12 s")]
    [InlineData(299, 600, "4 min")]
    [InlineData(40_000, 600, "11 h")]
    [InlineData(400_000, 600, "4 days")]
    [InlineData(299, 60, "4 min so far")]
    [InlineData(299, 61, "4 min")]
    public void How_long_it_lasted_is_known_once_no_refusal_followed(int seconds, int ago, string words) =>
        ViolationWords.Lasted(Violation(Now.AddSeconds(-ago - seconds), Now.AddSeconds(-ago)), Now).ShouldBe(words);

    [Fact]
    public void Addresses_come_by_count_and_calls_that_named_none_last()
    {
        var sources = ViolationWords.Sources(Violation(Now, Now, new("", 50), new("192.0.2.1", 3), new("192.0.2.2", 7)));

        sources.ShouldBe([("192.0.2.2", "192.0.2.2", 7), ("192.0.2.1", "192.0.2.1", 3), (null, "no address named", 50)]);
    }

    [Fact]
    public void Where_the_bound_was_reached_the_rest_are_further_addresses()
    {
        AddressCount[] many = [.. Enumerable.Range(0, LimitViolation.MostAddresses).Select(i => new AddressCount($"192.0.2.{i}", 2)), new("", 9)];

        ViolationWords.Sources(Violation(Now, Now, many))[^1].ShouldBe((null, "further addresses", 9));
    }

    [Theory]
    [InlineData(null, 0, 0, "no limits", "")]
    [InlineData("burst", 0, 12, "88 % to spare", "good")]
    [InlineData("burst", 0, 83, "17 % to spare", "warning")]
    [InlineData("burst", 40, 100, "spent", "bad")]
    [InlineData("quota-day", 0, 250, "spent", "bad")]
    [InlineData("burst", 40, 30, "70 % to spare by the minute, yet calls were refused", "warning")]
    public void Headroom_is_said_in_words(string? limit, long limited, int peak, string words, string tone)
    {
        var key = new KeyHeadroom("key_1", "A key", 100, limited, limit, peak);

        (ViolationWords.Headroom(key), ViolationWords.ToneOf(key)).ShouldBe((words, tone));
    }

    private static LimitViolation Violation(DateTimeOffset from, DateTimeOffset to, params AddressCount[] addresses) => new()
    {
        Id = "lim_1",
        OrganizationId = "org_1",
        KeyId = "key_1",
        LimitName = "burst",
        StartedAt = from,
        LastAt = to,
        Refused = 1,
        Addresses = addresses,
    };
}
