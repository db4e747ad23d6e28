using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api.Naughty;

/// <summary>Every text of the list in every field of an import's items: the item is refused and says where, or its key has the text as it was.</summary>
public sealed class NaughtyImportTests : IAsyncLifetime
{
    private const string Import = Client.Keys + "/import";

    private readonly Portal _portal = new();
    private Client _client = null!;
    private int _next;

    public async ValueTask InitializeAsync() => _client = await Client.OfAsync(_portal, (await Cast.EnterAsync(_portal)).Alice);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private JsonObject Item(params (string Name, JsonNode? Value)[] fields)
    {
        JsonObject item = new() { ["name"] = "x", ["hash"] = new JsonObject { ["algorithm"] = "sha256", ["value"] = $"{_next++:x64}" } };
        foreach (var (name, value) in fields)
        {
            item[name] = value;
        }

        return item;
    }

    private async Task<List<JsonNode>> ImportAsync(IEnumerable<JsonObject> items) =>
        [.. (await _client.PostAsync(Import, new JsonObject { ["keys"] = new JsonArray([.. items]) })).Is(HttpStatusCode.OK)["data"].AsArray().Select(answer => answer!)];

    [Theory]
    [InlineData("name", "/name", 1, 120)]
    [InlineData("description", "/description", 0, 2000)]
    [InlineData("resources", "/resources/0", 1, 500)]
    [InlineData("tags", "/tags/0", 1, 50)]
    public async Task Free_text(string field, string pointer, int least, int most)
    {
        var answers = await ImportAsync(NaughtyList.All.Select(text => Item((field, field is "resources" or "tags" ? new JsonArray(text) : text))));

        for (var i = 0; i < answers.Count; i++)
        {
            var text = NaughtyList.All[i];
            if (!NaughtyList.Fits(text, least, most))
            {
                answers[i]["errors"]!.AsArray().Select(e => e!["pointer"]!.GetValue<string>()).ShouldBe([$"/keys/{i}{pointer}"], text);
                continue;
            }

            var id = answers[i]["id"]?.GetValue<string>().ShouldNotBeNull(answers[i].ToJsonString());
            if (i % 10 == 0)
            {
                var kept = (await _client.GetAsync($"{Client.Keys}/{id}")).Json![field];
                (kept is JsonArray list ? list[0] : kept)?.GetValue<string>().ShouldBe(text);
            }
        }
    }

    [Theory]
    [InlineData("type")]
    [InlineData("environment")]
    [InlineData("expires_in")]
    [InlineData("expires_at")]
    [InlineData("not_before")]
    [InlineData("rate_limits")]
    [InlineData("quotas")]
    [InlineData("tier")]
    [InlineData("scopes")]
    [InlineData("allowed_ips")]
    [InlineData("hash")]
    [InlineData("metadata")]
    public async Task What_has_a_form_is_refused_and_pointed_at(string field)
    {
        var isList = field is "scopes" or "allowed_ips";
        var answers = await ImportAsync(NaughtyList.All.Select(text => Item((field, isList ? new JsonArray(text) : text))));

        for (var i = 0; i < answers.Count; i++)
        {
            answers[i]["status"]!.GetValue<string>().ShouldBe("refused", NaughtyList.All[i]);
            answers[i]["errors"]!.AsArray().Select(e => e!["pointer"]!.GetValue<string>()).ShouldContain($"/keys/{i}/{field}{(isList ? "/0" : "")}");
        }
    }

    [Fact]
    public async Task Hashes_starts_and_names_of_fields()
    {
        (string What, Func<string, JsonObject> Item)[] places =
        [
            ("algorithm", text => Item(("hash", new JsonObject { ["algorithm"] = text, ["value"] = text, ["key_id"] = text }))),
            ("hmac", text => Item(("hash", new JsonObject { ["algorithm"] = "hmac-sha256", ["value"] = new string('a', 64), ["key_id"] = text }))),
            ("bcrypt", text => Item(("start", "legacy_live"), ("hash", new JsonObject { ["algorithm"] = "bcrypt", ["value"] = text }))),
            ("argon2id", text => Item(("start", "legacy_live"), ("hash", new JsonObject { ["algorithm"] = "argon2id", ["value"] = "$argon2id$v=19$m=65536,t=3,p=4$" + text }))),
            ("limits", text => Item(
                ("rate_limits", new JsonArray(new JsonObject { ["name"] = text, ["algorithm"] = text, ["limit"] = text })), ("quotas", new JsonArray(new JsonObject { ["period"] = text, ["mode"] = text })))),
            ("unknown field", text => Item(("x" + text, text))),
        ];
        foreach (var (what, item) in places)
        {
            (await ImportAsync(NaughtyList.All.Select(item))).ShouldAllBe(answer => answer["status"]!.GetValue<string>() == "refused" && answer["errors"]!.AsArray().Count > 0, what);
        }

        var answers = await ImportAsync(NaughtyList.All.Select(text => Item(("start", text))));
        for (var i = 0; i < answers.Count; i++)
        {
            var text = NaughtyList.All[i];
            (answers[i]["status"]!.GetValue<string>() == "imported").ShouldBe(text.Length <= 20 && text.All(c => c is >= '!' and <= '~'), text);
        }
    }

    [Fact]
    public async Task A_fields_name_that_is_cut_within_a_character_is_no_error_of_the_servers()
    {
        var answer = (await ImportAsync([Item((new string('a', 63) + "\U0001F511", "x"))])).ShouldHaveSingleItem();
        answer["errors"]!.AsArray().ShouldHaveSingleItem();
    }
}
