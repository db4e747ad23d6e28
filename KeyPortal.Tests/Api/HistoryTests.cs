using System.Net;
using KeyPortal.Keys;
using KeyPortal.Tests.Support;
using KeyPortal.Tests.Usage;

namespace KeyPortal.Tests.Api;

/// <summary>What a key did, and what was done with it, for programs.</summary>
public sealed class HistoryTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;
    private Client _client = null!;
    private IssuedKey _key = null!;

    private string Path => $"{Client.Keys}/{_key.Key.Id}";

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _client = await Client.OfAsync(_portal, _cast.Alice);
        _key = await _portal.KeyAsync(_cast.Alice);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private static string At(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("minute", 60)]
    [InlineData("hour", 60 * 60)]
    [InlineData("day", 24 * 60 * 60)]
    public async Task Calls_are_counted_in_the_step_they_were_made_in(string interval, int seconds)
    {
        var edge = new DateTimeOffset(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
        foreach (var (at, count) in new[] { (edge.AddSeconds(-1), 1), (edge, 2), (edge.AddSeconds(seconds - 1), 3), (edge.AddSeconds(seconds), 4) })
        {
            _portal.Calls(_cast.AcmeId, _key.Key.Id, count, at: at);
        }

        _portal.Calls(_cast.AcmeId, _key.Key.Id, 5, ValidationCode.IpNotAllowed, edge);
        var answer = (await _client.GetAsync($"{Path}/usage?interval={interval}&from={At(edge.AddSeconds(1))}&to={At(edge.AddSeconds(seconds))}")).Is(HttpStatusCode.OK);

        answer["data"].AsArray().ShouldHaveSingleItem();
        var step = answer["data"][0]!;
        (step["from"]!.GetValue<string>(), step["to"]!.GetValue<string>()).ShouldBe((At(edge), At(edge.AddSeconds(seconds))));
        (step["calls"]!.GetValue<long>(), step["valid"]!.GetValue<long>(), step["refused"]!.GetValue<long>(), step["by_code"]!["ip_not_allowed"]!.GetValue<long>()).ShouldBe((10, 5, 5, 5));
        answer["totals"]["calls"]!.GetValue<long>().ShouldBe(10);
    }

    [Fact]
    public async Task Months_are_those_of_the_calendar_and_empty_steps_are_there()
    {
        _portal.Calls(_cast.AcmeId, _key.Key.Id, 1, at: new DateTimeOffset(2026, 9, 30, 23, 59, 0, TimeSpan.Zero));
        _portal.Calls(_cast.AcmeId, _key.Key.Id, 2, at: new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));

        var data = (await _client.GetAsync($"{Path}/usage?interval=month&from=2026-09-15T00:00:00Z&to=2026-11-02T00:00:00Z")).Is(HttpStatusCode.OK)["data"].AsArray();

        data.Select(d => (d!["from"]!.GetValue<string>(), d["calls"]!.GetValue<long>())).ShouldBe([("2026-09-01T00:00:00Z", 1), ("2026-10-01T00:00:00Z", 0), ("2026-11-01T00:00:00Z", 2)]);
    }

    [Fact]
    public async Task Without_a_span_it_is_the_last_day_by_the_hour()
    {
        (await _client.ValidateAsync(_key.Plaintext.Expose())).Code.ShouldBe("valid");

        var answer = (await _client.GetAsync($"{Path}/usage")).Is(HttpStatusCode.OK);

        (answer.Text("interval"), answer["data"].AsArray().Count, answer["totals"]["valid"]!.GetValue<long>()).ShouldBe(("hour", 25, 1), "the hour that is running, and the 24 before");
    }

    [Theory]
    [InlineData("usage?interval=week", "/interval")]
    [InlineData("usage?from=yesterday&to=now", "/from /to")]
    [InlineData("usage?from=2026-11-21T09:00:00Z&to=2026-11-21T09:00:00Z", "/from")]
    [InlineData("usage?from=2020-01-01T00:00:00Z", "/interval")]
    [InlineData("usage?interval=minute&from=2026-11-01T00:00:00Z", "/interval")]
    [InlineData("usage?group_by=key", "/group_by")]
    [InlineData("usage?interval=hour&interval=day", "/interval")]
    [InlineData("audit-log?limit=0", "/limit")]
    [InlineData("audit-log?limit=201", "/limit")]
    [InlineData("audit-log?cursor=x", "/cursor")]
    [InlineData("audit-log?action=key.created", "/action")]
    public async Task What_is_wrong_is_named(string query, string pointers) => (await _client.GetAsync($"{Path}/{query}")).IsProblem(422, "validation_failed").Pointers.ShouldBe(pointers);

    [Fact]
    public async Task Entries_about_the_key_come_newest_first_page_by_page()
    {
        foreach (var name in new[] { "One", "Two", "Three" })
        {
            await _portal.Get<KeyEditing>().EditAsync(_cast.Alice, _key.Key.Id, i => i with { Name = name });
        }

        List<string> seen = [];
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await _client.GetAsync($"{Path}/audit-log?limit=2{cursor}")).Is(HttpStatusCode.OK);
            page["total"].GetValue<int>().ShouldBe(5);
            seen.AddRange(page["data"].AsArray().Select(e => e!["action"]!.GetValue<string>()));
            page["data"].AsArray().ShouldAllBe(e => e!["target"]!["id"]!.GetValue<string>() == _key.Key.Id && e["actor"]!["name"]!.GetValue<string>() == "Alice");
            cursor = page.Json!["next_cursor"]?.GetValue<string>() is { } next ? "&cursor=" + next : null;
        }

        seen.ShouldBe(["key.updated", "key.updated", "key.updated", "key.revealed", "key.created"]);
    }

    [Fact]
    public async Task Another_organizations_key_has_no_past()
    {
        var theirs = await _portal.KeyAsync(_cast.Olaf);

        (await _client.GetAsync($"{Client.Keys}/{theirs.Key.Id}/usage")).IsProblem(404, "not_found");
        (await _client.GetAsync($"{Client.Keys}/{theirs.Key.Id}/audit-log")).IsProblem(404, "not_found");
    }
}
