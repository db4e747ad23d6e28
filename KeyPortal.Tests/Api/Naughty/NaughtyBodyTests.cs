using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api.Naughty;

/// <summary>Every text of the list in every field of every body: kept as it is, or refused with a pointer to it.</summary>
public sealed class NaughtyBodyTests : IAsyncLifetime
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
    public void The_list_is_whole() => NaughtyList.All.Count.ShouldBe(461);

    [Fact]
    public async Task Free_text_of_a_key_comes_back_unchanged_or_is_pointed_at()
    {
        foreach (var text in NaughtyList.All)
        {
            JsonObject sent = new() { ["name"] = text, ["description"] = text, ["resources"] = new JsonArray(text), ["tags"] = new JsonArray(text), ["metadata"] = new JsonObject { [text] = text } };
            string[] wrong =
            [
                .. NaughtyList.Fits(text, 1, 120) ? (string[])[] : ["/name"],
                .. NaughtyList.Fits(text, 1, 500) ? (string[])[] : ["/resources/0"],
                .. NaughtyList.Fits(text, 1, 50) ? (string[])[] : ["/tags/0"],
                .. NaughtyList.Fits(text, 1, 64) ? (string[])[] : ["/metadata/" + text.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)],
            ];
            if (wrong.Length > 0)
            {
                (await _client.CreateAsync(sent.DeepClone())).IsProblem(422, "validation_failed").Pointers.ShouldBe(string.Join(' ', wrong));
                foreach (var field in wrong.Select(pointer => pointer.Split('/')[1]))
                {
                    sent.Remove(field);
                }
            }

            sent["name"] ??= "x";
            var created = (await _client.CreateAsync(sent.DeepClone())).Is(HttpStatusCode.Created);
            var patched = (await _client.PatchAsync($"{Client.Keys}/{created.Text("id")}", new JsonObject { ["description"] = "Another", ["tags"] = new JsonArray() })).Is(HttpStatusCode.OK);
            patched["tags"].AsArray().ShouldBeEmpty();
            var read = (await _client.PutAsync($"{Client.Keys}/{created.Text("id")}", sent.DeepClone())).Is(HttpStatusCode.OK);
            foreach (var (field, value) in sent)
            {
                JsonNode.DeepEquals(read.Json![field], value is JsonValue v && v.GetValue<string>().Length == 0 ? null : value).ShouldBeTrue($"{field}: {read.Json[field]?.ToJsonString()} for {value!.ToJsonString()}");
            }
        }
    }

    /// <summary>A key that the text cannot be right for: no algorithm, period or mode is in the list.</summary>
    private static JsonObject Limited(string text) => new()
    {
        ["name"] = "x",
        ["rate_limits"] = new JsonArray(new JsonObject { ["name"] = text, ["algorithm"] = text, ["limit"] = 1, ["window_seconds"] = 1 }),
        ["quotas"] = new JsonArray(new JsonObject { ["period"] = text, ["limit"] = 1, ["mode"] = text }),
    };

    [Fact]
    public async Task Fields_of_a_key_that_have_a_form()
    {
        var key = await _portal.KeyAsync(_cast.Alice);
        await NaughtyList.SweepAsync(
            ("forms", text => _client.CreateAsync(new JsonObject { ["name"] = "x", ["type"] = text, ["environment"] = text, ["expires_in"] = text, ["expires_at"] = text, ["not_before"] = text })),
            ("lists", text => _client.CreateAsync(new JsonObject { ["name"] = "x", ["scopes"] = new JsonArray(text), ["allowed_ips"] = new JsonArray(text), ["type"] = "publishable", ["allowed_origins"] = new JsonArray(text) })),
            ("limits", text => _client.CreateAsync(Limited(text))),
            ("tier", text => _client.CreateAsync(new JsonObject { ["name"] = "x", ["tier"] = text })),
            ("organization", text => _client.CreateAsync(new JsonObject { ["name"] = "x", ["organization_id"] = text })),
            ("unknown field", text => _client.CreateAsync(new JsonObject { ["name"] = "x", [text] = text })),
            ("change", text => _client.PatchAsync($"{Client.Keys}/{key.Key.Id}", new JsonObject { ["scopes"] = new JsonArray(text), ["expires_at"] = text })),
            ("revoke", text => _client.PostAsync($"{Client.Keys}/{key.Key.Id}/revoke", new JsonObject { ["reason"] = text })),
            ("rotate", text => _client.PostAsync($"{Client.Keys}/{key.Key.Id}/rotate", new JsonObject { ["grace_period_seconds"] = text })),
            ("not JSON", text => _client.RawAsync(Client.Keys, text)));
        (await _client.GetAsync(Client.Keys))["total"].GetValue<int>().ShouldBe(2, "nothing was made");
        (await _client.GetAsync($"{Client.Keys}/{key.Key.Id}")).Text("status").ShouldBe("active");
    }

    [Fact]
    public async Task Every_part_of_a_question()
    {
        var key = await _portal.KeyAsync(_cast.Alice, with: k => k with { Resources = ["a*"], AllowedIps = ["10.0.0.0/8"] });
        JsonObject Ask(string text, string? presented = null) => new()
        {
            ["key"] = presented ?? text, ["resource"] = text, ["endpoint"] = text, ["origin"] = text,
        };
        await NaughtyList.SweepAsync(
            ("free", text => _client.ValidateAsync(Ask(text))),
            ("of a good key", text => _client.ValidateAsync(Ask(text, key.Plaintext.Expose()))),
            ("forms", text => _client.ValidateAsync(new JsonObject { ["key"] = key.Plaintext.Expose(), ["ip"] = text, ["environment"] = text, ["scopes"] = text })),
            ("list", text => _client.ValidateAsync(new JsonObject { ["key"] = key.Plaintext.Expose(), ["scopes"] = new JsonArray(text) })),
            ("batch", text => _client.PostAsync(Client.Keys + "/validate/batch", new JsonObject { ["requests"] = new JsonArray(Ask(text), Ask(text, key.Plaintext.Expose()), new JsonObject { ["key"] = text, ["ip"] = "10.0.0.1", ["scopes"] = text }) })),
            ("introspect", text => _client.SendAsync(HttpMethod.Post, "/api/v1/introspect", new FormUrlEncodedContent([new("token", text), new("token_type_hint", text), new(text, text)]))),
            ("introspect, no form", text => _client.RawAsync("/api/v1/introspect", text, "application/x-www-form-urlencoded")));
    }

    [Fact]
    public async Task Every_part_of_an_act_on_many_keys()
    {
        var key = await _portal.KeyAsync(_cast.Alice);
        JsonObject Act(string action, JsonNode filter, params (string Name, JsonNode Value)[] more)
        {
            JsonObject body = new() { ["action"] = action, ["filter"] = filter, ["confirm_count"] = 999_999 };
            foreach (var (name, value) in more)
            {
                body[name] = value;
            }

            return body;
        }

        Task<Answer> Bulk(JsonObject body) => _client.PostAsync(Client.Keys + "/bulk", body);
        await NaughtyList.SweepAsync(
            ("action, reason, unknown filter", text => Bulk(Act(text, new JsonObject { [text] = text }, ("reason", text)))),
            ("filters with a form", text => Bulk(Act("disable", new JsonObject { ["status"] = text, ["environment"] = text, ["type"] = text, ["scope"] = text, ["last_used_before"] = text, ["expires_before"] = text, ["created_since"] = text }))),
            ("filters of text", text => Bulk(Act("revoke", new JsonObject { ["q"] = text, ["owner_id"] = text, ["created_by"] = text }))),
            ("incident", text => Bulk(Act("revoke", new JsonObject { ["seen_from"] = text, ["created_by"] = text }))),
            ("ids", text => Bulk(new JsonObject { ["action"] = "revoke", ["ids"] = new JsonArray(text), ["confirm_count"] = 1 })),
            ("tags on and off", text => Bulk(Act("tag", new JsonObject { ["q"] = "A key" }, ("add_tags", new JsonArray(text)), ("remove_tags", new JsonArray("x" + text))))));

        foreach (var text in NaughtyList.All)
        {
            JsonObject tagging = new() { ["action"] = "tag", ["ids"] = new JsonArray(key.Key.Id), ["confirm_count"] = 1, ["add_tags"] = new JsonArray(text) };
            if (!NaughtyList.Fits(text, 1, 50))
            {
                (await Bulk(tagging)).IsProblem(422, "validation_failed").Pointers.ShouldBe("/add_tags/0");
                continue;
            }

            (await Bulk(tagging)).Is(HttpStatusCode.OK);
            (await _client.GetAsync($"{Client.Keys}/{key.Key.Id}"))["tags"].AsArray().ShouldHaveSingleItem()!.GetValue<string>().ShouldBe(text);
            (await Bulk(new JsonObject { ["action"] = "tag", ["ids"] = new JsonArray(key.Key.Id), ["confirm_count"] = 1, ["remove_tags"] = new JsonArray(text) })).Is(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task Policy_catalogue_and_decisions()
    {
        var key = await _portal.PendingKeyAsync(_cast, _cast.Dora);
        var tiers = (await _client.GetAsync("/api/v1/tiers")).Json!.ToJsonString();
        var (policy, catalogue) = ((await _client.GetAsync("/api/v1/policy")).Json!.AsObject(), (await _client.GetAsync("/api/v1/scopes")).Json!.AsObject());
        JsonObject Policy(string text)
        {
            var body = policy.DeepClone().AsObject();
            (body["default_expires_in"], body["approval_scopes"]) = (text, new JsonArray(text));
            return body;
        }

        JsonObject Catalogue(string name, string description)
        {
            var body = catalogue.DeepClone().AsObject();
            body["data"]!.AsArray().Add(new JsonObject { ["name"] = name, ["description"] = description });
            return body;
        }

        await NaughtyList.SweepAsync(
            ("policy", text => _client.PutAsync("/api/v1/policy", Policy(text))),
            ("scope's name", text => _client.PutAsync("/api/v1/scopes", Catalogue(text, "x"))),
            ("description", text => _client.PutAsync("/api/v1/scopes", Catalogue("naughty:read", text))),
            ("tier", text => _client.PutAsync("/api/v1/tiers", new JsonObject { ["data"] = new JsonArray(Limited(text)), ["default_tier"] = text })));
        (await _client.GetAsync("/api/v1/policy")).Json!.ToJsonString().ShouldBe(policy.ToJsonString());
        (await _client.GetAsync("/api/v1/tiers")).Json!.ToJsonString().ShouldBe(tiers);

        foreach (var text in NaughtyList.All.Where(text => NaughtyList.Fits(text, 0, 500) && text.Trim() == text && text.Length > 0))
        {
            var waiting = await _portal.LiveKeyAsync(_cast.Dora, "triggers:write");
            (await _client.PostAsync($"{Client.Keys}/{waiting.Key.Id}/decline", new JsonObject { ["reason"] = text })).Is(HttpStatusCode.OK);
            (await _portal.AuditAsync(_cast.Alice, "key.declined"))[0].Details["words"]!.GetValue<string>().ShouldBe(text);
        }

        (await _client.GetAsync($"{Client.Keys}/{key.Key.Id}")).Text("status").ShouldBe("pending");
    }

    [Fact]
    public async Task Signing_in()
    {
        var stranger = _client.With(null);
        Task<Answer> Post(string path, params (string Name, string Value)[] fields) =>
            stranger.PostAsync("/api/v1/auth/" + path, new JsonObject(fields.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Value))));
        await NaughtyList.SweepAsync(
            ("login", text => Post("login", ("email", text), ("password", text))),
            ("code", text => Post("2fa", ("challenge_token", text), ("code", text))),
            ("recovery code", text => Post("2fa", ("challenge_token", text), ("recovery_code", text))),
            ("refresh", text => Post("refresh", ("refresh_token", text))));
    }
}
