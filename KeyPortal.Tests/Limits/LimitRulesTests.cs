using KeyPortal.Limits;
using KeyPortal.Primitives;

namespace KeyPortal.Tests.Limits;

public sealed class LimitRulesTests
{
    private static readonly RateLimitInput Good = new("burst", "token_bucket", 100, 60);

    [Fact]
    public void The_edges_of_every_rule_are_within_it()
    {
        RateLimitInput[] rates =
        [
            new("a", "token_bucket", 1, 1, 1),
            new("b-_9", "fixed_window", 1_000_000_000, 2_678_400, 100),
            new(new string('x', 32), "sliding_window", 1_000_000_000, 1),
        ];
        Errors(rates, [new("day", 1, "soft", 1), new("month", 1_000_000_000, "hard", 100)]).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0L, 60L, "/rate_limits/0/limit")]
    [InlineData(-1L, 60L, "/rate_limits/0/limit")]
    [InlineData(1_000_000_001L, 60L, "/rate_limits/0/limit")]
    [InlineData(null, 60L, "/rate_limits/0/limit")]
    [InlineData(1L, 0L, "/rate_limits/0/window_seconds")]
    [InlineData(1L, -5L, "/rate_limits/0/window_seconds")]
    [InlineData(1L, 2_678_401L, "/rate_limits/0/window_seconds")]
    [InlineData(1L, null, "/rate_limits/0/window_seconds")]
    public void A_number_beyond_its_rule_is_named(long? limit, long? window, string pointer) =>
        Errors([Good with { Limit = limit, WindowSeconds = window }], []).ShouldHaveSingleItem().Pointer.ShouldBe(pointer);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Burst")]
    [InlineData("a b")]
    [InlineData("\"x\"")]
    [InlineData("-a")]
    [InlineData("a\n")]
    [InlineData("é")]
    [InlineData("quota-day")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    public void A_name_that_would_not_stand_in_a_header_is_refused(string? name) =>
        Errors([Good with { Name = name }], []).ShouldHaveSingleItem().Pointer.ShouldBe("/rate_limits/0/name");

    [Fact]
    public void Names_and_periods_that_stand_twice_are_named_with_everything_else_that_is_wrong() =>
        Errors([Good, Good with { Limit = 0 }, Good with { Algorithm = "leaky" }], [new("day", 5), new("day", 0, "firm", 101)]).Select(e => e.Pointer).ShouldBe(
        [
            "/rate_limits/1/limit", "/rate_limits/1/name", "/rate_limits/2/algorithm", "/rate_limits/2/name",
            "/quotas/1/limit", "/quotas/1/mode", "/quotas/1/warn_at_percent", "/quotas/1/period",
        ]);

    [Fact]
    public void Too_many_are_refused_as_such() =>
        Errors([.. Enumerable.Range(0, 6).Select(i => Good with { Name = $"l{i}" })], [new("day", 1), new("month", 1), new("day", 1)]).Select(e => e.Pointer).ShouldBe(["/rate_limits", "/quotas"]);

    private static List<FieldError> Errors(IReadOnlyList<RateLimitInput> rates, IReadOnlyList<QuotaInput> quotas)
    {
        List<FieldError> errors = [];
        LimitRules.RateLimits(rates, (pointer, detail) => errors.Add(new FieldError(pointer, detail)));
        LimitRules.Quotas(quotas, (pointer, detail) => errors.Add(new FieldError(pointer, detail)));
        return errors;
    }
}
