using Bunit;
using KeyPortal.Components;
using KeyPortal.Keys;
using KeyPortal.Keys.Pages;
using KeyPortal.Limits;
using KeyPortal.Limits.Pages;
using KeyPortal.Organizations;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Keys.Pages;

public sealed class KeySentenceTests : BunitContext
{
    private readonly ViewerTime _viewer;

    public KeySentenceTests()
    {
        JSInterop.Setup<string>("keyportal.timeZone").SetResult("Europe/Zurich");
        _viewer = new ViewerTime(JSInterop.JSRuntime, new TestClock());
    }

    [Fact]
    public void Says_what_the_key_may_from_where_and_until_when()
    {
        var draft = Draft("triggers:read");
        (draft.Environment, draft.Networks, draft.Expiry) = (KeyEnvironment.Live, "10.0.0.0/8", ExpiryChoice.Days90);

        KeySentence.Of(draft, _viewer).ShouldBe("A live secret key that may read triggers from 10.0.0.0/8 until 19 February 2027.");
    }

    [Fact]
    public void Joins_what_belongs_together()
    {
        var draft = Draft("triggers:read", "events:read", "triggers:write", "billing:*");

        KeySentence.Of(draft, _viewer).ShouldBe("A test secret key that may do everything with billing, read events and triggers and write triggers and never expires.");
    }

    [Fact]
    public void Counts_what_would_be_too_long_to_read()
    {
        var draft = Draft([.. Enumerable.Range(0, 40).Select(i => $"ledger-{i}:read")]);
        draft.Networks = "10.0.0.1\n10.0.0.2\n10.0.0.3";

        KeySentence.Of(draft, _viewer).ShouldBe("A test secret key that holds 40 scopes from 3 networks and never expires.");
    }

    [Fact]
    public void Ends_with_the_limits_and_leaves_out_what_is_no_number_yet()
    {
        var draft = Draft("triggers:read");
        draft.RateLimits.Add(LimitDraft.Of(new RateLimit("burst", LimitAlgorithm.TokenBucket, 600, 60)));
        draft.RateLimits.Add(new LimitDraft { Name = "unfinished", Limit = "1x" });
        KeySentence.Of(draft, _viewer, TierList.Initial).ShouldBe("A test secret key that may read triggers and never expires, at most 600 calls a minute.");

        draft.Tier = "free";

        KeySentence.Of(draft, _viewer, TierList.Initial).ShouldEndWith(", at most 600 calls a minute, with the limits of the tier free.");
    }

    [Fact]
    public async Task A_day_is_meant_to_its_end_where_the_viewer_is()
    {
        await _viewer.LearnAsync();
        var draft = Draft();
        (draft.ExpiresOnDay, draft.ExpiresOn) = (true, new DateOnly(2027, 2, 19));

        draft.EndsAt(_viewer).ShouldBe(new DateTimeOffset(2027, 2, 19, 22, 59, 59, TimeSpan.Zero));
        KeySentence.Of(draft, _viewer).ShouldEndWith("until 19 February 2027.");
    }

    [Fact]
    public async Task An_hour_that_a_change_of_clocks_skips_becomes_the_one_after_it()
    {
        await _viewer.LearnAsync();

        _viewer.Instant(new DateTime(2027, 3, 28, 2, 30, 0)).ShouldBe(new DateTimeOffset(2027, 3, 28, 1, 30, 0, TimeSpan.Zero));
    }

    private static KeyDraft Draft(params string[] scopes)
    {
        var draft = new KeyDraft { Expiry = ExpiryChoice.Never };
        draft.Scopes.UnionWith(scopes);
        return draft;
    }
}
