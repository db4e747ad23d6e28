using Bunit;
using KeyPortal.Limits;
using KeyPortal.Limits.Pages;
using KeyPortal.Primitives;

namespace KeyPortal.Tests.Limits.Pages;

public sealed class RateLimitFieldsTests : BunitContext
{
    private readonly List<LimitDraft> _drafts = [];
    private int _changes;

    [Fact]
    public void A_row_is_added_typed_into_and_told_in_words_as_one_types()
    {
        var fields = Show();
        fields.Find("fieldset").TextContent.ShouldContain("None.");

        Add(fields);
        fields.Find("#rate-limit-0-limit").Input("1,200");
        fields.Find("#rate-limit-0-window").Input("10");
        fields.Find(".limit-window select").Change("Seconds");

        fields.Find(".limit-words").TextContent.ShouldBe("Bursts of 1,200, then 120 a second; a client that waits as told is never refused. Warns from 960.");
        fields.Find("#rate-limit-0-algorithm").Change("FixedWindow");
        fields.Find(".limit-words").TextContent.ShouldStartWith("At most 1,200 in 10 seconds");
        fields.Find("#rate-limit-0-limit").Input("");
        fields.FindAll(".limit-words").ShouldBeEmpty();
        _changes.ShouldBe(6);
    }

    [Fact]
    public void There_are_no_more_rows_than_there_may_be()
    {
        var fields = Show();
        for (var i = 0; i < LimitRules.MaxRateLimits; i++)
        {
            fields.FindAll("button")[^1].TextContent.ShouldBe("Add a rate limit");
            Add(fields);
        }

        _drafts.Count.ShouldBe(LimitRules.MaxRateLimits);
        fields.FindAll("button").ShouldAllBe(b => b.TextContent == "Remove");
        fields.Markup.ShouldContain(LimitWords.Several);
    }

    [Fact]
    public void What_is_wrong_stands_at_its_field_and_stays_with_its_row()
    {
        _drafts.AddRange([LimitDraft.After([]), new LimitDraft { Name = "second" }]);
        var refusal = Refusal.Invalid([new FieldError("/data/3/rate_limits/1/limit", "No number."), new FieldError("/data/3/rate_limits", "Too many."), new FieldError("/data/2/rate_limits/0/limit", "Another tier's.")]);
        var fields = Render<RateLimitFields>(p => p.Add(f => f.Drafts, _drafts).Add(f => f.Refusal, refusal).Add(f => f.At, "/data/3/rate_limits").Add(f => f.Id, "free"));

        fields.FindAll("[role=alert]").Select(e => e.TextContent).ShouldBe(["No number.", "Too many."]);
        fields.FindAll("[aria-invalid=true]").ShouldHaveSingleItem().Id.ShouldBe("free-1-limit");

        fields.FindAll("button").First(b => b.TextContent == "Remove").Click();

        fields.FindAll("[aria-invalid=true]").ShouldHaveSingleItem().Id.ShouldBe("free-0-limit");
        fields.Find("#free-0-name").GetAttribute("value").ShouldBe("second");
        Add(fields);
        fields.FindAll("[aria-invalid=true]").ShouldHaveSingleItem().Id.ShouldBe("free-0-limit");
    }

    [Fact]
    public void Every_field_has_a_label()
    {
        _drafts.Add(LimitDraft.After([]));
        var fields = Show();

        var labelled = fields.FindAll("label[for]").Select(l => l.GetAttribute("for")).ToList();
        fields.FindAll("input, select").ShouldAllBe(e => labelled.Contains(e.Id) || e.GetAttribute("aria-label") != null);
    }

    [Fact]
    public void Quotas_are_a_day_and_a_month_at_most()
    {
        List<QuotaDraft> quotas = [];
        var fields = Render<QuotaFields>(p => p.Add(f => f.Drafts, quotas).Add(f => f.Refusal, null));
        Add(fields);
        Add(fields);
        fields.Find("#quota-1-mode").Change("Soft");

        fields.FindAll(".limit-words").Select(w => w.TextContent).ShouldBe(
        [
            "10,000 a day (UTC); beyond that calls are refused until midnight UTC. Warns from 8,000.",
            "10,000 a month (UTC); beyond that calls go on, with a warning. Warns from 8,000.",
        ]);
        fields.FindAll("button").ShouldAllBe(b => b.TextContent == "Remove");
        fields.FindAll("button")[0].Click();
        quotas.ShouldHaveSingleItem().Period.ShouldBe(QuotaPeriod.Month);
    }

    private IRenderedComponent<RateLimitFields> Show() =>
        Render<RateLimitFields>(p => p.Add(f => f.Drafts, _drafts).Add(f => f.Refusal, null).Add(f => f.OnChange, () => _changes++));

    private static void Add<T>(IRenderedComponent<T> fields) where T : Microsoft.AspNetCore.Components.IComponent => fields.FindAll("button")[^1].Click();
}
