using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

public sealed class KeyCommandTests
{
    private static readonly string[] Fields =
    [
        "id", "name", "description", "organization_id", "owner", "agent_id", "type", "environment", "start", "status", "not_before", "scopes",
        "allowed_ips", "allowed_origins", "resources", "rate_limits", "quotas", "tier", "metadata", "tags", "created_at", "created_by", "expires_at", "last_used_at",
        "last_used_ip", "rotated_at", "previous_valid_until", "rotation_age_seconds", "rotation_due_at", "revoked_at", "revoked_by", "revocation_reason", "secret_version",
    ];

    [Fact]
    public async Task Creating_a_key_shows_it_once_and_the_record_ever_after()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var client = await Client.OfAsync(portal, cast.Alice);

        var created = (await client.CreateAsync(JsonNode.Parse("""
            {"name":"Billing","description":"Invoices","environment":"live","scopes":["triggers:read","triggers:read"],"expires_in":"30d",
             "allowed_ips":["10.0.0.0/8"],"resources":["trigger/*"],"metadata":{"team":"core"},"tags":["a","b"]}
            """)!)).Is(HttpStatusCode.Created);

        created.Json!.AsObject().Select(f => f.Key).ShouldBe(["key", .. Fields], ignoreOrder: true);
        created.Text("key").ShouldStartWith("sk_live_");
        created.Text("start").ShouldBe(created.Text("key")[..14]);
        created.Message.Headers.CacheControl!.NoStore.ShouldBeTrue();
        created["scopes"].ToJsonString().ShouldBe("""["triggers:read"]""");
        created["owner"].ToJsonString().ShouldBe($$"""{"type":"member","id":"{{cast.Alice.Id}}","name":"Alice"}""");
        created.Text("expires_at").ShouldBe("2026-12-21T09:00:00Z");
        created["rate_limits"].AsArray().ShouldBeEmpty();
        created.Json["agent_id"].ShouldBeNull();

        var read = (await client.GetAsync(created.Message.Headers.Location!.ToString())).Is(HttpStatusCode.OK);
        read.Json!.AsObject().Select(f => f.Key).ShouldBe(Fields);
        (await client.ValidateAsync(new JsonObject { ["key"] = created.Text("key"), ["ip"] = "10.1.2.3" })).Text("code").ShouldBe("valid");
        (await portal.AuditAsync(cast.Alice, "key.created"))[0].TargetId.ShouldBe(created.Text("id"));
        (await portal.AuditAsync(cast.Alice, "key.revealed"))[0].TargetId.ShouldBe(created.Text("id"));
    }

    [Fact]
    public async Task Only_a_name_is_needed()
    {
        await using var portal = new Portal();
        var client = await Client.OfAsync(portal, (await Cast.EnterAsync(portal)).Alice);

        var created = (await client.CreateAsync(JsonNode.Parse("""{"name":"Plain"}""")!)).Is(HttpStatusCode.Created);

        created.Text("key").ShouldStartWith("sk_test_");
        created.Text("expires_at").ShouldBe("2027-02-19T09:00:00Z", "the policy's ninety days");
    }

    [Fact]
    public async Task A_rotation_age_is_set_cleared_and_kept_within_a_day_and_ten_years()
    {
        await using var portal = new Portal();
        var client = await Client.OfAsync(portal, (await Cast.EnterAsync(portal)).Alice);

        var created = (await client.CreateAsync(JsonNode.Parse("""{"name":"Plain","rotation_age_seconds":86400}""")!)).Is(HttpStatusCode.Created);
        (created["rotation_age_seconds"].GetValue<long>(), created.Text("rotation_due_at")).ShouldBe((86_400, "2026-11-22T09:00:00Z"));
        var path = $"/api/v1/api-keys/{created.Text("id")}";
        (await client.PatchAsync(path, JsonNode.Parse("""{"name":"Renamed"}""")!)).Is(HttpStatusCode.OK)["rotation_age_seconds"].GetValue<long>().ShouldBe(86_400);
        foreach (var bad in (string[])["86399", "315360001", "-1"])
        {
            var refused = (await client.PatchAsync(path, JsonNode.Parse($$"""{"rotation_age_seconds":{{bad}}}""")!)).Is(HttpStatusCode.UnprocessableEntity);
            refused["errors"][0]!["pointer"]!.GetValue<string>().ShouldBe("/rotation_age_seconds");
        }

        var cleared = (await client.PatchAsync(path, JsonNode.Parse("""{"rotation_age_seconds":null}""")!)).Is(HttpStatusCode.OK);
        (cleared.Json!["rotation_age_seconds"], cleared.Json["rotation_due_at"]).ShouldBe((null, null));
    }

    [Fact]
    public async Task Patch_merges_and_put_replaces()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var client = await Client.OfAsync(portal, cast.Alice);
        var id = (await client.CreateAsync(JsonNode.Parse("""{"name":"One","description":"d","tags":["t"],"expires_in":"30d","not_before":"2026-11-22T00:00:00+01:00"}""")!)).Text("id");

        var patched = (await client.PatchAsync($"{Client.Keys}/{id}", JsonNode.Parse("""{"name":"Two","description":null,"expires_at":null}""")!)).Is(HttpStatusCode.OK);
        patched.Text("name").ShouldBe("Two");
        patched.Json!["description"].ShouldBeNull();
        patched.Json["expires_at"].ShouldBeNull();
        patched["tags"].ToJsonString().ShouldBe("""["t"]""");
        patched.Text("not_before").ShouldBe("2026-11-21T23:00:00Z");

        var put = (await client.PutAsync($"{Client.Keys}/{id}", JsonNode.Parse("""{"name":"Three","type":"secret"}""")!)).Is(HttpStatusCode.OK);
        put["tags"].AsArray().ShouldBeEmpty();
        put.Json!["not_before"].ShouldBeNull();
        put.Text("expires_at").ShouldBe("2027-02-19T09:00:00Z", "the policy's default again");

        (await client.PatchAsync($"{Client.Keys}/{id}", JsonNode.Parse("""{"type":"publishable"}""")!)).IsProblem(422, "validation_failed").Pointers.ShouldBe("/type");
        (await client.PatchAsync($"{Client.Keys}/{id}", JsonNode.Parse("""{"name":null}""")!)).IsProblem(422, "validation_failed").Pointers.ShouldBe("/name");
        var entry = (await portal.AuditAsync(cast.Alice, "key.updated"))[^1];
        entry.Details["after"]!["name"]!.GetValue<string>().ShouldBe("Two");
        entry.Details["before"]!["description"]!.GetValue<string>().ShouldBe("d");
    }

    [Theory]
    [InlineData("POST", "/revoke")]
    [InlineData("DELETE", "")]
    public async Task Revoking_ends_a_key_at_once_and_can_be_repeated(string method, string suffix)
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var client = await Client.OfAsync(portal, cast.Alice);
        var key = await portal.KeyAsync(cast.Alice);
        var path = $"{Client.Keys}/{key.Key.Id}{suffix}";

        var revoked = (await client.SendAsync(new HttpMethod(method), path, JsonNode.Parse("""{"reason":"key_compromise"}"""))).Is(HttpStatusCode.OK);
        var again = (await client.SendAsync(new HttpMethod(method), path, (JsonNode?)null)).Is(HttpStatusCode.OK);

        revoked.Text("status").ShouldBe("revoked");
        again.Text("revocation_reason").ShouldBe("key_compromise");
        (await client.ValidateAsync(key.Plaintext.Expose())).Text("code").ShouldBe("revoked");
        (await portal.AuditAsync(cast.Alice, "key.revoked")).ShouldHaveSingleItem().Details["reason"]!.GetValue<string>().ShouldBe("key_compromise");
        (await client.PatchAsync($"{Client.Keys}/{key.Key.Id}", JsonNode.Parse("""{"name":"x"}""")!)).IsProblem(409, "key_revoked");
        (await client.PostAsync($"{Client.Keys}/{key.Key.Id}/enable")).IsProblem(409, "key_revoked");
    }

    [Fact]
    public async Task Disabling_is_reversible()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var client = await Client.OfAsync(portal, cast.Alice);
        var key = await portal.KeyAsync(cast.Alice);

        (await client.PostAsync($"{Client.Keys}/{key.Key.Id}/disable")).Is(HttpStatusCode.OK).Text("status").ShouldBe("disabled");
        (await client.ValidateAsync(key.Plaintext.Expose())).Text("code").ShouldBe("disabled");
        (await client.PostAsync($"{Client.Keys}/{key.Key.Id}/enable", new JsonObject())).Is(HttpStatusCode.OK).Text("status").ShouldBe("active");
        (await client.ValidateAsync(key.Plaintext.Expose())).Text("code").ShouldBe("valid");
        (await portal.AuditAsync(cast.Alice, "key.disabled")).ShouldHaveSingleItem();
        (await portal.AuditAsync(cast.Alice, "key.enabled")).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_key_learns_who_it_is()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = await portal.KeyAsync(cast.Dora, with: i => i with { Scopes = ["triggers:read"] });
        var client = new Client(portal.CreateClient(), key.Plaintext.Expose());

        var self = (await client.GetAsync("/api/v1/auth/key")).Is(HttpStatusCode.OK);

        self["key"]["id"]!.GetValue<string>().ShouldBe(key.Key.Id);
        self["organization"].ToJsonString().ShouldBe($$"""{"id":"{{cast.AcmeId}}","name":"Acme Payments"}""");
        self["scopes"].ToJsonString().ShouldBe("""["triggers:read"]""");
        self.Json!["agent"].ShouldBeNull();
        await portal.Get<KeyPortal.Keys.KeySuspension>().DisableAsync(cast.Alice, key.Key.Id);
        (await client.GetAsync("/api/v1/auth/key")).IsProblem(401, "unauthenticated").Message.Headers.WwwAuthenticate.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task The_alias_answers_every_call_of_the_group()
    {
        await using var portal = new Portal();
        var client = await Client.OfAsync(portal, (await Cast.EnterAsync(portal)).Alice);

        var created = (await client.PostAsync("/api_keys", JsonNode.Parse("""{"name":"Alias"}""")!)).Is(HttpStatusCode.Created);
        var path = "/api_keys/" + created.Text("id");

        (await client.PostAsync("/api_keys/validate", new JsonObject { ["key"] = created.Text("key") })).Text("code").ShouldBe("valid");
        (await client.GetAsync("/api_keys?q=alias")).Is(HttpStatusCode.OK)["total"].GetValue<int>().ShouldBe(1);
        (await client.GetAsync(path)).Is(HttpStatusCode.OK);
        (await client.PatchAsync(path, JsonNode.Parse("""{"name":"A"}""")!)).Is(HttpStatusCode.OK);
        (await client.PutAsync(path, JsonNode.Parse("""{"name":"B"}""")!)).Is(HttpStatusCode.OK);
        (await client.PostAsync(path + "/disable")).Is(HttpStatusCode.OK);
        (await client.PostAsync(path + "/enable")).Is(HttpStatusCode.OK);
        (await client.PostAsync(path + "/revoke")).Is(HttpStatusCode.OK);
        (await client.DeleteAsync(path)).Is(HttpStatusCode.OK).Text("status").ShouldBe("revoked");
    }
}
