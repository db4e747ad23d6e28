using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

/// <summary>One call for many keys.</summary>
public sealed class BulkTests : IAsyncLifetime
{
    private const string Path = Client.Keys + "/bulk";
    private readonly Portal _portal = new(("KeyPortal:Policy:KeysPerMember", "1000"));
    private Cast _cast = null!;
    private Client _client = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _client = await Client.OfAsync(_portal, _cast.Alice);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private Task<Answer> PostAsync(string body, string? idempotencyKey = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-API-Key", _client.Key);
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return _client.SendAsync(request);
    }

    [Fact]
    public async Task It_tells_first_and_does_on_the_confirmed_number()
    {
        var key = await _portal.KeyAsync(_cast.Alice, "Batch 1");
        await _portal.KeyAsync(_cast.Alice, "Batch 2");

        var preview = (await PostAsync("""{"action":"revoke","filter":{"q":"batch","status":"active"}}""")).Is(HttpStatusCode.OK);
        (preview["preview"].GetValue<bool>(), preview["count"].GetValue<int>(), preview["changed"].GetValue<int>()).ShouldBe((true, 2, 0));
        (await _client.ValidateAsync(key.Plaintext.Expose())).Code.ShouldBe("valid");

        (await PostAsync("""{"action":"revoke","filter":{"q":"batch","status":"active"},"confirm_count":3}""")).IsProblem(409, "count_mismatch");
        var done = (await PostAsync("""{"action":"revoke","filter":{"q":"batch","status":"active"},"confirm_count":2,"reason":"superseded"}""")).Is(HttpStatusCode.OK);

        (done["preview"].GetValue<bool>(), done["changed"].GetValue<int>(), done["data"].AsArray().Count).ShouldBe((false, 2, 2));
        (await _client.ValidateAsync(key.Plaintext.Expose())).Code.ShouldBe("revoked");
        (await _client.GetAsync($"{Client.Keys}/{key.Key.Id}")).Text("revocation_reason").ShouldBe("superseded");
    }

    [Fact]
    public async Task A_rotation_tells_each_new_secret_and_why_another_could_not_be_rotated()
    {
        var good = await _portal.KeyAsync(_cast.Alice, "Batch good");
        var under = await _portal.KeyAsync(_cast.Alice, "Batch under way");
        var newer = (await _client.PostAsync($"{Client.Keys}/{under.Key.Id}/rotate")).Text("key");
        await _client.ValidateAsync(newer);

        var data = (await PostAsync("""{"action":"rotate","filter":{"q":"batch"},"confirm_count":2,"grace_period_seconds":0}""")).Is(HttpStatusCode.OK)["data"].AsArray();

        var rotated = data.Single(d => d!["id"]!.GetValue<string>() == good.Key.Id)!;
        (await _client.ValidateAsync(rotated["key"]!.GetValue<string>())).Code.ShouldBe("valid");
        (await _client.ValidateAsync(good.Plaintext.Expose())).Code.ShouldBe("expired");
        data.Single(d => d!["id"]!.GetValue<string>() == under.Key.Id)!["code"]!.GetValue<string>().ShouldBe("rotation_under_way");
        (await _client.ValidateAsync(newer)).Code.ShouldBe("valid");
    }

    [Fact]
    public async Task A_repeated_rotation_rotates_nothing_twice_and_tells_no_secret_twice()
    {
        await _portal.KeyAsync(_cast.Alice, "Batch 1");
        await _portal.KeyAsync(_cast.Alice, "Batch 2");
        const string Body = """{"action":"rotate","filter":{"q":"batch"},"confirm_count":2}""";

        var first = (await PostAsync(Body, "r")).Is(HttpStatusCode.OK)["data"].AsArray();
        var again = (await PostAsync(Body, "r")).Is(HttpStatusCode.OK);

        first.ShouldAllBe(d => d!["key"] != null);
        again.Message.Headers.GetValues("Idempotent-Replayed").ShouldBe(["true"]);
        again["data"].AsArray().ShouldAllBe(d => d!["key"] == null && d["secret_version"]!.GetValue<int>() == 2);
        (await PostAsync("""{"action":"rotate","filter":{"q":"batch"},"confirm_count":2,"force":true}""", "r")).IsProblem(422, "idempotency_key_reused");
    }

    [Fact]
    public async Task Keys_seen_from_an_address_are_revoked_together()
    {
        var seen = await _portal.KeyAsync(_cast.Alice, "Seen");
        await _client.ValidateAsync(new JsonObject { ["key"] = seen.Plaintext.Expose(), ["ip"] = "203.0.113.9" });

        (await PostAsync("""{"action":"revoke","filter":{"seen_from":"203.0.113.0/24"}}"""))["count"].GetValue<int>().ShouldBe(1);
        (await PostAsync("""{"action":"revoke","filter":{"seen_from":"203.0.113.0/24"},"confirm_count":1,"reason":"key_compromise"}""")).Is(HttpStatusCode.OK);

        (await _client.ValidateAsync(seen.Plaintext.Expose())).Code.ShouldBe("revoked");
    }

    [Fact]
    public async Task A_thousand_ids_fit_and_one_more_does_not()
    {
        string Body(int count) => new JsonObject { ["action"] = "disable", ["ids"] = new JsonArray([.. Enumerable.Range(0, count).Select(i => (JsonNode)$"key_{i}")]) }.ToJsonString();

        (await PostAsync(Body(1000))).IsProblem(422, "validation_failed").Json!["errors"]!.AsArray().Count.ShouldBe(1000);
        (await PostAsync(Body(1001))).IsProblem(422, "validation_failed").Pointers.ShouldBe("/ids");
    }

    [Theory]
    [InlineData("{}", "/action /ids")]
    [InlineData("""{"action":"delete","ids":["key_a"]}""", "/action")]
    [InlineData("""{"action":"revoke"}""", "/ids")]
    [InlineData("""{"action":"revoke","ids":[],"filter":{}}""", "/ids")]
    [InlineData("""{"action":"revoke","ids":[]}""", "/ids")]
    [InlineData("""{"action":"revoke","filter":{}}""", "/filter")]
    [InlineData("""{"action":"revoke","filter":{"color":"red"}}""", "/filter/color")]
    [InlineData("""{"action":"revoke","filter":{"status":"alive"}}""", "/filter/status")]
    [InlineData("""{"action":"revoke","filter":{"q":"x"},"reason":"boredom"}""", "/reason")]
    [InlineData("""{"action":"revoke","filter":{"q":"x"},"confirm_count":-1}""", "/confirm_count")]
    [InlineData("""{"action":"revoke","filter":{"seen_from":"here"}}""", "/seen_from")]
    [InlineData("""{"action":"revoke","filter":{"seen_from":"10.0.0.1","q":"x"}}""", "/filter/q")]
    [InlineData("""{"action":"disable","filter":{"seen_from":"10.0.0.1"}}""", "/filter/seen_from")]
    [InlineData("""{"action":"tag","filter":{"q":"x"},"confirm_count":0}""", "/add_tags")]
    [InlineData("""{"action":"tag","filter":{"q":"x"},"confirm_count":0,"add_tags":["a"],"remove_tags":["a"]}""", "/remove_tags")]
    [InlineData("""{"action":"rotate","filter":{"q":"x"},"confirm_count":101}""", "/confirm_count")]
    public async Task What_is_wrong_is_named(string body, string pointers) => (await PostAsync(body)).IsProblem(422, "validation_failed").Pointers.ShouldBe(pointers);

    [Fact]
    public async Task The_calling_key_is_not_among_them()
    {
        var id = (await _client.GetAsync("/api/v1/auth/key"))["key"]["id"]!.GetValue<string>();

        (await PostAsync($$"""{"action":"revoke","ids":["{{id}}"],"confirm_count":1}""")).IsProblem(403, "own_credential");
        (await PostAsync("""{"action":"revoke","filter":{"status":"active"}}"""))["count"].GetValue<int>().ShouldBe(0);
    }
}
