using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Api;

/// <summary>Calls that meet: whichever comes first, what was taken away stays away, nothing is lost and nothing is made twice.</summary>
public sealed class KeyRaceTests : IAsyncLifetime
{
    private const int AtOnce = 50;

    private readonly Portal _portal = new(("KeyPortal:Policy:KeysPerMember", "10000"));
    private Cast _cast = null!;
    private Client _client = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _client = await Client.OfAsync(_portal, _cast.Alice);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private Task<Answer> ActAsync(string id, string act, JsonObject? body = null) => _client.PostAsync($"{Client.Keys}/{id}/{act}", body);

    private static Task<Answer[]> AllAsync(params IEnumerable<Func<Task<Answer>>> calls) => Task.WhenAll(calls.Select(Task.Run));

    private async Task DeadAsync(string why, params IEnumerable<string?> secrets)
    {
        foreach (var secret in secrets.OfType<string>())
        {
            (await _client.ValidateAsync(secret)).Code.ShouldBe("revoked", why);
        }
    }

    [Fact]
    public async Task With_nine_of_ten_there_fifty_at_once_make_exactly_one_more()
    {
        await using var portal = new Portal(("KeyPortal:Policy:KeysPerMember", "10"));
        var cast = await Cast.EnterAsync(portal);
        var client = await Client.OfAsync(portal, cast.Alice);
        for (var i = 0; i < 8; i++)
        {
            await portal.KeyAsync(cast.Alice);
        }

        for (var round = 0; round < 5; round++)
        {
            var answers = await AllAsync(Enumerable.Range(0, AtOnce).Select(i => (Func<Task<Answer>>)(() => client.CreateAsync(new JsonObject { ["name"] = $"K{i}" }))));

            var made = answers.Where(a => a.Status == HttpStatusCode.Created).ShouldHaveSingleItem();
            answers.Where(a => a != made).ShouldAllBe(a => a.IsProblem(409, "key_limit_reached") != null);
            (await client.GetAsync($"{Client.Keys}?status=active"))["total"].GetValue<int>().ShouldBe(10);
            (await client.DeleteAsync($"{Client.Keys}/{made.Text("id")}")).Is(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task A_rotation_that_meets_a_revocation_ends_revoked_and_no_secret_of_it_opens_anything()
    {
        for (var round = 0; round < AtOnce; round++)
        {
            var key = await _portal.KeyAsync(_cast.Alice);
            var answers = await AllAsync(
                () => ActAsync(key.Key.Id, "rotate"), () => _client.ValidateAsync(key.Plaintext.Expose()), () => ActAsync(key.Key.Id, "revoke"), () => ActAsync(key.Key.Id, "rotate", new JsonObject { ["force"] = true }));

            answers[2].Is(HttpStatusCode.OK).Text("status").ShouldBe("revoked");
            await DeadAsync($"round {round}", [key.Plaintext.Expose(), .. answers.Where(a => a.Status == HttpStatusCode.OK).Select(a => a.Json!["key"]?.GetValue<string>())]);
            (await _client.GetAsync($"{Client.Keys}/{key.Key.Id}")).Text("status").ShouldBe("revoked");
        }
    }

    [Fact]
    public async Task Fifty_rotations_at_once_with_the_secrets_in_use_never_leave_more_than_two_alive()
    {
        var key = await _portal.KeyAsync(_cast.Alice);
        List<string> secrets = [key.Plaintext.Expose()];
        for (var round = 0; round < 3; round++)
        {
            var answers = await AllAsync(Enumerable.Range(0, AtOnce).Select(i => (Func<Task<Answer>>)(async () =>
            {
                var answer = await ActAsync(key.Key.Id, "rotate", new JsonObject { ["force"] = i % 3 == 0 });
                if (answer.Status == HttpStatusCode.OK && i % 2 == 0)
                {
                    await _client.ValidateAsync(answer.Text("key"));
                }

                return answer;
            })));

            answers.Where(a => a.Status != HttpStatusCode.OK).ShouldAllBe(a => a.IsProblem(409, "rotation_under_way") != null);
            secrets.AddRange(answers.Where(a => a.Status == HttpStatusCode.OK).Select(a => a.Text("key")));
            List<string> valid = [];
            foreach (var secret in secrets)
            {
                if ((await _client.ValidateAsync(secret)).Code == "valid")
                {
                    valid.Add(secret);
                }
            }

            valid.Count.ShouldBeInRange(1, 2);
            await using var db = _portal.OpenDb();
            (await db.Set<KeySecret>().CountAsync(s => s.KeyId == key.Key.Id && (s.EndsAt == null || s.EndsAt > _portal.Clock.Now))).ShouldBe(valid.Count);
        }
    }

    [Fact]
    public async Task An_edit_that_meets_a_switch_loses_neither()
    {
        for (var round = 0; round < AtOnce; round++)
        {
            var key = await _portal.KeyAsync(_cast.Alice);
            var path = $"{Client.Keys}/{key.Key.Id}";
            var answers = await AllAsync(
                () => _client.PatchAsync(path, new JsonObject { ["name"] = "Edited" }), () => ActAsync(key.Key.Id, "disable"), () => _client.PatchAsync(path, new JsonObject { ["tags"] = new JsonArray("kept") }));

            answers.ShouldAllBe(a => a.Status == HttpStatusCode.OK);
            var read = await _client.GetAsync(path);
            (read.Text("name"), read.Text("status"), read["tags"].ToJsonString()).ShouldBe(("Edited", "disabled", """["kept"]"""), $"round {round}");
            (await _client.ValidateAsync(key.Plaintext.Expose())).Code.ShouldBe("disabled");
        }
    }

    [Fact]
    public async Task A_retirement_that_meets_a_revocation_ends_revoked_now()
    {
        for (var round = 0; round < AtOnce; round++)
        {
            var key = await _portal.KeyAsync(_cast.Alice);
            var answers = await AllAsync(
                () => ActAsync(key.Key.Id, "revoke", new JsonObject { ["retire_in_seconds"] = 3600 }), () => ActAsync(key.Key.Id, "revoke"), () => ActAsync(key.Key.Id, "revoke", new JsonObject { ["retire_in_seconds"] = 7200 }));

            answers.ShouldAllBe(a => a.Status == HttpStatusCode.OK);
            var read = await _client.GetAsync($"{Client.Keys}/{key.Key.Id}");
            (read.Text("status"), DateTimeOffset.Parse(read.Text("revoked_at"), System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(("revoked", _portal.Clock.Now), $"round {round}");
            await DeadAsync($"round {round}", key.Plaintext.Expose());
        }
    }

    [Fact]
    public async Task Of_an_approval_and_a_decline_one_is_the_outcome()
    {
        var andy = await Client.OfAsync(_portal, _cast.Andy);
        await _portal.ApprovalAsync(_cast.Alice, "triggers:write");
        for (var round = 0; round < 20; round++)
        {
            var key = await _portal.LiveKeyAsync(_cast.Dora, "triggers:write");
            var answers = await AllAsync(Enumerable.Range(0, 6).Select(i => (Func<Task<Answer>>)(() => (i % 3 == 0 ? andy : _client).PostAsync($"{Client.Keys}/{key.Key.Id}/{(i % 2 == 0 ? "approve" : "decline")}"))));

            answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(1);
            var won = Array.FindIndex(answers, a => a.Status == HttpStatusCode.OK) % 2 == 0;
            answers.Where(a => a.Status != HttpStatusCode.OK).ShouldAllBe(a => a.IsProblem(409, won ? "not_pending" : "key_revoked") != null);
            (await _client.ValidateAsync(key.Plaintext.Expose())).Code.ShouldBe(won ? "valid" : "revoked");
        }
    }

    [Fact]
    public async Task Fifty_keys_revoked_together_while_each_is_rotated_end_revoked()
    {
        for (var round = 0; round < 3; round++)
        {
            var keys = new List<IssuedKey>();
            for (var i = 0; i < AtOnce; i++)
            {
                keys.Add(await _portal.KeyAsync(_cast.Dora, $"Round {round}"));
            }

            JsonObject revoke = new() { ["action"] = "revoke", ["ids"] = new JsonArray([.. keys.Select(k => (JsonNode?)k.Key.Id)]), ["confirm_count"] = AtOnce };
            var revoking = Task.Run(() => _client.PostAsync(Client.Keys + "/bulk", revoke));
            var rotated = await AllAsync(keys.Select(k => (Func<Task<Answer>>)(() => ActAsync(k.Key.Id, "rotate"))));

            (await revoking).Is(HttpStatusCode.OK)["count"].GetValue<int>().ShouldBe(AtOnce);
            rotated.Where(a => a.Status != HttpStatusCode.OK).ShouldAllBe(a => a.IsProblem(409, "key_revoked") != null);
            await DeadAsync($"round {round}", [.. keys.Select(k => k.Plaintext.Expose()), .. rotated.Select(a => a.Json!["key"]?.GetValue<string>())]);
        }
    }

    [Fact]
    public async Task Disabling_many_while_they_are_enabled_ends_as_the_last_entry_of_each_says()
    {
        var keys = new List<IssuedKey>();
        for (var i = 0; i < 20; i++)
        {
            keys.Add(await _portal.KeyAsync(_cast.Dora));
        }

        JsonArray Ids() => [.. keys.Select(k => (JsonNode?)k.Key.Id)];
        for (var round = 0; round < 5; round++)
        {
            var answers = await AllAsync([
                () => _client.PostAsync(Client.Keys + "/bulk", new JsonObject { ["action"] = "disable", ["ids"] = Ids(), ["confirm_count"] = keys.Count }),
                .. keys.Select(k => (Func<Task<Answer>>)(() => ActAsync(k.Key.Id, "enable"))),
                () => _client.PostAsync(Client.Keys + "/bulk", new JsonObject { ["action"] = "disable", ["ids"] = Ids(), ["confirm_count"] = keys.Count }),
                .. keys.Select(k => (Func<Task<Answer>>)(() => ActAsync(k.Key.Id, "disable"))),
                .. keys.Select(k => (Func<Task<Answer>>)(() => ActAsync(k.Key.Id, "enable")))]);

            answers.ShouldAllBe(a => a.Status == HttpStatusCode.OK);
            foreach (var key in keys)
            {
                List<string> switches = [.. (await _portal.EntriesAsync(key.Key.Id)).Select(e => e.Action).Where(a => a is "key.disabled" or "key.enabled")];
                switches.Where((a, i) => a != (i % 2 == 0 ? "key.disabled" : "key.enabled")).ShouldBeEmpty("they take turns");
                (await _client.ValidateAsync(key.Plaintext.Expose())).Code.ShouldBe(switches[^1] == "key.disabled" ? "disabled" : "valid", $"round {round}");
            }
        }
    }
}
