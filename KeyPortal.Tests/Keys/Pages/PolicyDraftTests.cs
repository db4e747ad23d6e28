using KeyPortal.Keys.Pages.Policies;
using KeyPortal.Keys.Policies;
using KeyPortal.Organizations;

namespace KeyPortal.Tests.Keys.Pages;

public sealed class PolicyDraftTests
{
    private static readonly OrganizationPolicy Shown = new() { MaxLifetimeSeconds = 5_400, RotationAgeSeconds = 7_776_000, ApprovalScopes = ["triggers:write", "events:read"] };

    [Theory]
    [InlineData(null, "", SpanUnit.Days)]
    [InlineData(0L, "0", SpanUnit.Hours)]
    [InlineData(86_400L, "1", SpanUnit.Days)]
    [InlineData(5_400L, "90", SpanUnit.Minutes)]
    [InlineData(3_601L, "3601", SpanUnit.Seconds)]
    public void A_span_is_shown_in_the_largest_unit_that_says_it_exactly(long? seconds, string amount, SpanUnit unit)
    {
        var span = SpanDraft.Of(seconds);

        (span.Amount, span.Unit).ShouldBe((amount, unit));
        span.ToSeconds().ShouldBe(seconds);
    }

    [Theory]
    [InlineData(" 30 ", 2_592_000L)]
    [InlineData("1.5", -1L)]
    [InlineData("-1", -1L)]
    [InlineData("soon", -1L)]
    [InlineData("99999999999999999999", -1L)]
    [InlineData("  ", null)]
    public void What_is_no_whole_number_is_no_span(string typed, long? seconds) => new SpanDraft { Amount = typed }.ToSeconds().ShouldBe(seconds);

    [Fact]
    public void A_number_too_great_for_its_unit_stays_too_great() =>
        new SpanDraft { Amount = "9223372036854775807" }.ToSeconds()!.Value.ShouldBeGreaterThan(OrganizationPolicy.MaxSeconds);

    [Theory]
    [InlineData(7_776_000, "90 days")]
    [InlineData(3_600, "1 hour")]
    [InlineData(61, "61 seconds")]
    public void A_span_in_words_has_a_unit(long seconds, string words) => SpanDraft.Words(seconds).ShouldBe(words);

    [Fact]
    public void A_draft_that_nobody_touched_changes_nothing()
    {
        var draft = PolicyDraft.Of(Shown);

        draft.IsChangedFrom(PolicyDraft.Of(Shown)).ShouldBeFalse();
        var meanwhile = PolicyInput.Of(new OrganizationPolicy { KeysPerMember = 77 });
        draft.ChangeFrom(PolicyDraft.Of(Shown), meanwhile).ShouldBe(meanwhile);
    }

    [Fact]
    public void Only_what_was_touched_replaces_what_somebody_else_has_saved_meanwhile()
    {
        var draft = PolicyDraft.Of(Shown);
        draft.KeysPerMember = "3";
        draft.Grace.Amount = "2";
        draft.ApprovalScopes.Remove("events:read");
        draft.LimitsByAdmins = true;
        var meanwhile = PolicyInput.Of(Shown) with { NetworksRequiredForLive = true, KeysPerMember = 50 };

        draft.IsChangedFrom(PolicyDraft.Of(Shown)).ShouldBeTrue();
        var wanted = draft.ChangeFrom(PolicyDraft.Of(Shown), meanwhile);

        (wanted.KeysPerMember, wanted.DefaultGracePeriodSeconds, wanted.NetworksRequiredForLive, wanted.MaxLifetimeSeconds).ShouldBe((3, 172_800, true, 5_400));
        wanted.ApprovalScopes.ShouldBe(["triggers:write"]);
        wanted.LimitsByAdmins.ShouldBeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("many")]
    public void A_number_that_is_none_is_refused_and_not_guessed(string typed)
    {
        var draft = PolicyDraft.Of(Shown);
        (draft.KeysPerMember, draft.Grace.Amount) = (typed, typed);

        (draft.ToInput().KeysPerMember, draft.ToInput().DefaultGracePeriodSeconds).ShouldBe((0, -1));
    }
}
