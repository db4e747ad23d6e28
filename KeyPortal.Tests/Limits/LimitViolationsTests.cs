using KeyPortal.Limits;
using KeyPortal.Tests.Usage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using static KeyPortal.Tests.Limits.Counted;

namespace KeyPortal.Tests.Limits;

/// <summary>What becomes of refusals that limits have given.</summary>
public sealed class LimitViolationsTests : IDisposable
{
    private readonly UsageFile _file = new();
    private readonly LimitViolations _violations;

    public LimitViolationsTests() => _violations = Violations();

    public void Dispose()
    {
        _violations.Dispose();
        _file.Dispose();
    }

    [Fact]
    public async Task A_stretch_of_refusals_is_one_violation()
    {
        var full = Full(Fixed(1, 3_600));
        var start = _file.Clock.Now;
        for (var i = 0; i < 4; i++)
        {
            Refuse(full, "203.0.113.9");
            _file.Clock.Advance(LimitViolation.Gap);
            (await _violations.FlushAsync()).ShouldBeTrue();
        }

        var violation = (await StoredAsync()).ShouldHaveSingleItem();
        (violation.OrganizationId, violation.KeyId, violation.LimitName).ShouldBe(("org_1", "key_1", "fixed"));
        (violation.StartedAt, violation.LastAt, violation.Refused).ShouldBe((start, start + (3 * LimitViolation.Gap), 4));
        violation.Addresses.ShouldBe([new AddressCount("203.0.113.9", 4)]);
    }

    [Fact]
    public async Task After_the_gap_a_new_one_begins()
    {
        var full = Full(Fixed(1, 3_600));
        Refuse(full);
        _file.Clock.Advance(LimitViolation.Gap + TimeSpan.FromMilliseconds(1));
        Refuse(full, times: 2);

        await _violations.FlushAsync();

        (await StoredAsync()).Select(v => v.Refused).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task Each_limit_that_refused_and_each_key_has_its_own()
    {
        var full = Full(Fixed(1, 3_600), Bucket(1, 3_600), Sliding(9, 3_600));
        Refuse(full);
        Refuse(full, organization: "org_2", key: "key_2");

        await _violations.FlushAsync();

        (await StoredAsync()).Select(v => (v.OrganizationId, v.KeyId, v.LimitName)).ShouldBe(
            [("org_1", "key_1", "fixed"), ("org_1", "key_1", "burst"), ("org_2", "key_2", "fixed"), ("org_2", "key_2", "burst")], ignoreOrder: true);
    }

    [Fact]
    public async Task Beyond_the_bound_addresses_are_counted_and_not_named()
    {
        var full = Full(Fixed(1, 3_600));
        for (var i = 0; i < LimitViolation.MostAddresses + 15; i++)
        {
            Refuse(full, $"203.0.113.{i}");
        }

        Refuse(full, "203.0.113.3", times: 8);
        Refuse(full, new string('x', 10_000));
        await _violations.FlushAsync();

        var violation = (await StoredAsync()).ShouldHaveSingleItem();
        violation.Addresses.Count.ShouldBe(LimitViolation.MostAddresses + 1);
        violation.Addresses.Single(a => a.Ip == "203.0.113.3").Count.ShouldBe(9);
        violation.Addresses.Single(a => a.Ip.Length == 0).Count.ShouldBe(16);
        (violation.Refused, violation.Addresses.Sum(a => a.Count)).ShouldBe((LimitViolation.MostAddresses + 24, LimitViolation.MostAddresses + 24));
    }

    [Fact]
    public async Task One_organization_does_not_take_the_room_of_the_others()
    {
        var full = Full(Fixed(1, 3_600));
        for (var i = 0; i < 20_000; i++)
        {
            Refuse(full, key: $"key_{i}");
        }

        Refuse(full, organization: "org_2", key: "key_of_another");
        (await _violations.FlushAsync()).ShouldBeTrue();
        (await StoredAsync()).CountBy(v => v.OrganizationId).ShouldBe([new("org_1", LimitViolations.MostOpenOfOne), new("org_2", 1)], ignoreOrder: true);

        // They are over, and there is room again.
        _file.Clock.Advance(LimitViolation.Gap * 2);
        (await _violations.FlushAsync()).ShouldBeTrue();
        Refuse(full, key: "key_19999");
        (await _violations.FlushAsync()).ShouldBeTrue();
        (await StoredAsync())[^1].KeyId.ShouldBe("key_19999");
    }

    [Fact]
    public async Task While_the_store_takes_nothing_all_is_kept_and_written_once_it_does()
    {
        var full = Full(Fixed(1, 3_600));
        await using (await _file.LockAsync())
        {
            Refuse(full, times: 3);
            (await _violations.FlushAsync()).ShouldBeFalse();
            Refuse(full);
            _file.Clock.Advance(LimitViolation.Gap * 2);
            Refuse(full, times: 5);
            (await _violations.FlushAsync()).ShouldBeFalse();
            _file.Clock.Advance(LimitViolation.Gap * 2);
            Refuse(full, times: 7);
        }

        (await _violations.FlushAsync()).ShouldBeTrue();
        (await StoredAsync()).Select(v => v.Refused).ShouldBe([4, 5, 7]);

        Refuse(full);
        (await _violations.FlushAsync()).ShouldBeTrue();
        (await StoredAsync()).Select(v => v.Refused).ShouldBe([4, 5, 8]);
    }

    [Fact]
    public async Task Violations_are_dropped_after_ninety_days()
    {
        var full = Full(Fixed(1, 3_600));
        Refuse(full);
        await _violations.FlushAsync();
        _file.Clock.Advance(LimitViolation.KeptFor + TimeSpan.FromHours(1));
        Refuse(full, times: 2);
        await _violations.FlushAsync();

        (await StoredAsync()).ShouldHaveSingleItem().Refused.ShouldBe(2);
    }

    [Fact]
    public async Task A_clock_that_is_ahead_for_a_moment_drops_none()
    {
        var full = Full(Fixed(1, 3_600));
        Refuse(full);
        await _violations.FlushAsync();
        _file.Clock.Advance(TimeSpan.FromHours(2));
        _file.Clock.ShiftWall(LimitViolation.KeptFor * 2);
        Refuse(full, times: 2);
        await _violations.FlushAsync();

        (await StoredAsync()).Select(v => v.Refused).ShouldBe([1, 2]);
    }

    private LimitViolations Violations() => new(_file, _file.Clock, NullLogger<LimitViolations>.Instance);

    /// <summary>What a call is told whose key has spent its limits.</summary>
    private static LimitReport Full(params RateLimit[] limits)
    {
        var counted = Counted.With(limits);
        counted.Ask();
        return counted.Ask();
    }

    private void Refuse(LimitReport full, string? ip = null, int times = 1, string organization = "org_1", string key = "key_1")
    {
        for (var i = 0; i < times; i++)
        {
            foreach (var place in Enumerable.Range(0, full.Standings.Length).Where(p => full.Standings[p].Is(LimitMarks.Refused)))
            {
                _violations.Add(organization, key, full.NameOf(place), ip, _file.Clock.Now);
            }
        }
    }

    private async Task<List<LimitViolation>> StoredAsync()
    {
        await using var db = _file.CreateDbContext();
        return await db.Set<LimitViolation>().AsNoTracking().OrderBy(v => v.StartedAt).ToListAsync();
    }
}
