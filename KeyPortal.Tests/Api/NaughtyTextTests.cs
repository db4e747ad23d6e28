using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

/// <summary>Any text is kept byte for byte, or refused with 400 or 422; none is changed, and none breaks anything.</summary>
public sealed class NaughtyTextTests : IAsyncLifetime
{
    private readonly Portal _portal = new(("KeyPortal:Policy:KeysPerMember", "10000"));
    private Cast _cast = null!;
    private Client _client = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _client = await Client.OfAsync(_portal, _cast.Alice);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Acceptable_text_comes_back_byte_for_byte_in_every_field()
    {
        foreach (var text in NaughtyText.Kept)
        {
            var sent = new JsonObject
            {
                ["name"] = text,
                ["description"] = text,
                ["resources"] = new JsonArray(text),
                ["tags"] = new JsonArray(text),
                ["metadata"] = new JsonObject { [text] = text },
            };
            var created = (await _client.CreateAsync(sent.DeepClone())).Is(HttpStatusCode.Created);
            var read = (await _client.GetAsync($"{Client.Keys}/{created.Text("id")}")).Is(HttpStatusCode.OK);
            foreach (var (field, value) in sent)
            {
                JsonNode.DeepEquals(read[field], value).ShouldBeTrue($"{field}: {read[field].ToJsonString()} for {value!.ToJsonString()}");
                JsonNode.DeepEquals(created[field], value).ShouldBeTrue();
            }

            (await _client.ValidateAsync(new JsonObject { ["key"] = created.Text("key"), ["resource"] = text, ["endpoint"] = text })).Is(HttpStatusCode.OK).Code.ShouldBe("valid");
            (await _client.ValidateAsync(text)).Is(HttpStatusCode.OK).Code.ShouldBe("malformed");
            (await _client.GetAsync($"{Client.Keys}?q={Uri.EscapeDataString(text)}&limit=1")).Is(HttpStatusCode.OK)["total"].GetValue<int>().ShouldBeGreaterThan(0, text);
        }
    }

    [Fact]
    public async Task Unacceptable_text_is_refused_in_every_field_and_nothing_is_made()
    {
        foreach (var literal in NaughtyText.RefusedLiterals)
        {
            foreach (var body in (string[])
            [
                $$"""{"name":{{literal}}}""",
                $$"""{"name":"x","description":{{literal}}}""",
                $$"""{"name":"x","tags":[{{literal}}]}""",
                $$"""{"name":"x","resources":[{{literal}}]}""",
                $$$"""{"name":"x","metadata":{"a":{{{literal}}}}}""",
                $$$"""{"name":"x","metadata":{{{{literal}}}:"a"}}""",
                $$"""{"name":"x","scopes":[{{literal}}]}""",
                $$"""{"name":"x","allowed_ips":[{{literal}}]}""",
                $$"""{"name":"x","type":"publishable","allowed_origins":[{{literal}}]}""",
                $$"""{"name":"x","expires_at":{{literal}}}""",
                $$"""{"name":"x","rate_limits":[{"name":{{literal}},"algorithm":"token_bucket","limit":1,"window_seconds":1}]}""",
                $$"""{"name":"x","rate_limits":[{"name":"a","algorithm":{{literal}},"limit":1,"window_seconds":1}]}""",
                $$"""{"name":"x","quotas":[{"period":{{literal}},"limit":1}]}""",
                $$"""{"name":"x","quotas":[{"period":"day","limit":1,"mode":{{literal}}}]}""",
                $$"""{"name":"x","tier":{{literal}}}""",
                $$"""{"name":"x","type":{{literal}}}""",
                $$"""{{{literal}}:"x"}""",
            ])
            {
                var answer = await _client.RawAsync(Client.Keys, body);
                (answer.Status is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity).ShouldBeTrue($"{body}: {answer.Status} {answer.Json?.ToJsonString()}");
            }

            var validated = await _client.RawAsync(Client.Keys + "/validate", $$"""{"key":"x","resource":{{literal}}}""");
            (validated.Status is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity).ShouldBeTrue(literal);
        }

        (await _client.GetAsync(Client.Keys))["total"].GetValue<int>().ShouldBe(1, "only the management key");
    }

    [Fact]
    public async Task Naughty_text_in_fields_with_a_form_is_refused_and_never_breaks()
    {
        foreach (var text in NaughtyText.Kept)
        {
            foreach (var (field, inList) in new[] { ("scopes", true), ("allowed_ips", true), ("allowed_origins", true), ("expires_in", false), ("expires_at", false), ("not_before", false), ("type", false), ("environment", false), ("tier", false) })
            {
                var body = new JsonObject { ["name"] = "x", [field] = inList ? new JsonArray(text) : text };
                (await _client.CreateAsync(body)).IsProblem(422, "validation_failed");
            }

            var limited = new JsonObject
            {
                ["name"] = "x",
                ["rate_limits"] = new JsonArray(new JsonObject { ["name"] = "x" + text, ["algorithm"] = text, ["limit"] = 1, ["window_seconds"] = 1 }),
                ["quotas"] = new JsonArray(new JsonObject { ["period"] = text, ["limit"] = 1, ["mode"] = text }),
            };
            (await _client.CreateAsync(limited)).IsProblem(422, "validation_failed").Pointers.ShouldEndWith("/rate_limits/0/algorithm /quotas/0/period /quotas/0/mode");
        }
    }

    [Theory]
    [InlineData("a")]
    [InlineData("ü")]
    [InlineData("🔑")]
    [InlineData("\U0010FFFF")]
    public async Task Length_is_counted_in_code_points(string character)
    {
        string Long(int count) => string.Concat(Enumerable.Repeat(character, count));
        (await _client.CreateAsync(new JsonObject { ["name"] = Long(120) })).Is(HttpStatusCode.Created).Text("name").ShouldBe(Long(120));
        (await _client.CreateAsync(new JsonObject { ["name"] = Long(121) })).IsProblem(422, "validation_failed").Pointers.ShouldBe("/name");
        (await _client.CreateAsync(new JsonObject { ["name"] = "x", ["description"] = Long(2000) })).Is(HttpStatusCode.Created);
        (await _client.CreateAsync(new JsonObject { ["name"] = "x", ["description"] = Long(2001) })).IsProblem(422, "validation_failed").Pointers.ShouldBe("/description");
        (await _client.CreateAsync(new JsonObject { ["name"] = "x", ["tags"] = new JsonArray(Long(50)) })).Is(HttpStatusCode.Created);
        (await _client.CreateAsync(new JsonObject { ["name"] = "x", ["tags"] = new JsonArray(Long(51)) })).IsProblem(422, "validation_failed").Pointers.ShouldBe("/tags/0");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\u3000\t")]
    public async Task A_blank_name_is_none(string name) =>
        (await _client.CreateAsync(new JsonObject { ["name"] = name })).IsProblem(422, "validation_failed").Pointers.ShouldBe("/name");

    [Fact]
    public async Task The_audit_log_keeps_naughty_names_too()
    {
        var text = NaughtyText.Kept[0] + "\u202E";
        await _client.CreateAsync(new JsonObject { ["name"] = text });
        var entry = (await _portal.AuditAsync(_cast.Alice, "key.created"))[0];
        entry.TargetName.ShouldBe(text);
        JsonDocument.Parse(entry.Raw).RootElement.GetProperty("target").GetProperty("name").GetString().ShouldBe(text);
    }
}
