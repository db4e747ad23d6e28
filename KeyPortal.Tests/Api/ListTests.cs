using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Keys;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

public sealed class ListTests : IAsyncLifetime
{
    private readonly Portal _portal = new(("KeyPortal:Policy:KeysPerMember", "1000"));
    private Cast _cast = null!;
    private Client _client = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _client = await Client.OfAsync(_portal, _cast.Alice);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private async Task<string> NamesAsync(string query)
    {
        var page = (await _client.GetAsync($"{Client.Keys}?{query}")).Is(HttpStatusCode.OK);
        return string.Join(' ', page["data"].AsArray().Select(k => k!["name"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("created_at")]
    [InlineData("-created_at")]
    [InlineData("name")]
    [InlineData("-name")]
    [InlineData("last_used_at")]
    [InlineData("-last_used_at")]
    [InlineData("expires_at")]
    [InlineData("-expires_at")]
    public async Task Pages_show_every_key_once(string sort)
    {
        for (var i = 0; i < 7; i++)
        {
            var days = i;
            await _portal.KeyAsync(_cast.Alice, $"K{i % 3}", with: k => days % 2 == 0 ? k : k with { Expiry = ExpiryInput.On(_portal.Clock.Now.AddDays(days)) });
        }

        await _portal.KeyAsync(_cast.Alice, "Last", with: k => k with { Expiry = ExpiryInput.On(DateTimeOffset.MaxValue.AddDays(-100)) });
        List<string> seen = [];
        string? cursor = null;
        do
        {
            var page = (await _client.GetAsync($"{Client.Keys}?limit=2&sort={sort}{(cursor is null ? "" : "&cursor=" + cursor)}")).Is(HttpStatusCode.OK);
            page["total"].GetValue<int>().ShouldBe(9);
            seen.AddRange(page["data"].AsArray().Select(k => k!["id"]!.GetValue<string>()));
            cursor = page.Json!["next_cursor"]?.GetValue<string>();
        }
        while (cursor is not null && seen.Count < 20);

        seen.Distinct().Count().ShouldBe(9);
        seen.Count.ShouldBe(9);
    }

    [Fact]
    public async Task Filters_narrow_the_list()
    {
        await _portal.KeyAsync(_cast.Dora, "Dora's", with: k => k with { Scopes = ["triggers:*"] });
        await _portal.KeyAsync(_cast.Alice, "Browser", KeyType.Publishable);
        await _portal.KeyAsync(_cast.Alice, "Soon", with: k => k with { Expiry = ExpiryInput.On(_portal.Clock.Now.AddDays(1)) });
        var off = await _portal.KeyAsync(_cast.Alice, "Off");
        await _client.PostAsync($"{Client.Keys}/{off.Key.Id}/disable");

        (await NamesAsync("sort=name")).ShouldBe("Browser Dora's Management Off Soon");
        (await NamesAsync("status=disabled")).ShouldBe("Off");
        (await NamesAsync("status=pending")).ShouldBeEmpty();
        (await NamesAsync($"status=retiring&owner_id={_cast.Alice.Id}")).ShouldBeEmpty();
        (await NamesAsync("type=publishable")).ShouldBe("Browser");
        (await NamesAsync("type=agent")).ShouldBeEmpty();
        (await NamesAsync("environment=live")).ShouldBe("Management");
        (await NamesAsync($"owner_id={_cast.Dora.Id}")).ShouldBe("Dora's");
        (await NamesAsync("scope=triggers:read")).ShouldBe("Dora's");
        (await NamesAsync("q=bROWs")).ShouldBe("Browser");
        (await NamesAsync("expires_before=2026-12-01T00:00:00Z")).ShouldBe("Soon");
        (await NamesAsync("last_used_before=2026-12-01T00:00:00Z&sort=name&limit=1")).ShouldBe("Browser");
    }

    [Theory]
    [InlineData("limit=0", "/limit")]
    [InlineData("limit=201", "/limit")]
    [InlineData("limit=-1", "/limit")]
    [InlineData("limit=ten", "/limit")]
    [InlineData("limit=5&limit=6", "/limit")]
    [InlineData("cursor=nonsense", "/cursor")]
    [InlineData("cursor=WyJ4IiwieSJd", "/cursor")]
    [InlineData("cursor=WyJcdWQ4MDAiLCJ5Il0", "/cursor")]
    [InlineData("cursor=", "/cursor")]
    [InlineData("status=dead", "/status")]
    [InlineData("status=", "/status")]
    [InlineData("environment=prod", "/environment")]
    [InlineData("type=sk", "/type")]
    [InlineData("scope=nothing", "/scope")]
    [InlineData("sort=size", "/sort")]
    [InlineData("sort=--name", "/sort")]
    [InlineData("last_used_before=yesterday", "/last_used_before")]
    [InlineData("expires_before=2026-01-01", "/expires_before")]
    [InlineData("owner_id=%00", "/owner_id")]
    [InlineData("q=%00", "/q")]
    [InlineData("agent_id=agent_1", "/agent_id")]
    [InlineData("colour=red&limit=0", "/colour /limit")]
    public async Task A_wrong_query_value_is_named(string query, string pointers) =>
        (await _client.GetAsync($"{Client.Keys}?{query}")).IsProblem(422, "validation_failed").Pointers.ShouldBe(pointers);

    [Fact]
    public async Task A_search_takes_anything_as_text()
    {
        await _portal.KeyAsync(_cast.Alice, "100% _real_ 'quoted' \\");
        foreach (var part in (string[])["100%", "_real_", "'quoted'", "\\"])
        {
            (await NamesAsync("q=" + Uri.EscapeDataString(part))).ShouldBe("100% _real_ 'quoted' \\");
        }

        (await NamesAsync("q=" + Uri.EscapeDataString("1%l"))).ShouldBeEmpty();
        (await _client.GetAsync($"{Client.Keys}?q={new string('a', 201)}")).IsProblem(422, "validation_failed");
    }
}
