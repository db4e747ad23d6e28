using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

public sealed class ConcurrencyTests
{
    [Fact]
    public async Task Fifty_at_once_at_a_limit_of_ten_make_ten()
    {
        await using var portal = new Portal(("KeyPortal:Policy:KeysPerMember", "10"));
        var client = await Client.OfAsync(portal, (await Cast.EnterAsync(portal)).Alice);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => client.CreateAsync(new JsonObject { ["name"] = $"K{i}" })));

        answers.Count(a => a.Status == HttpStatusCode.Created).ShouldBe(9, "with the management key, ten");
        answers.Where(a => a.Status != HttpStatusCode.Created).ShouldAllBe(a => a.IsProblem(409, "key_limit_reached") != null);
        (await client.GetAsync(Client.Keys))["total"].GetValue<int>().ShouldBe(10);
    }

    [Fact]
    public async Task The_longest_lifetime_holds_for_fifty_at_once()
    {
        await using var portal = new Portal(
            ("KeyPortal:Policy:MaxLifetimeSeconds", "86400"), ("KeyPortal:Policy:DefaultExpiresIn", "30d"), ("KeyPortal:Policy:KeysPerMember", "1000"));
        var cast = await Cast.EnterAsync(portal);
        var day = portal.Clock.Now.AddDays(1);
        var manager = await portal.KeyAsync(cast.Alice, with: k => k with { Scopes = ["api-keys:manage"], Expiry = KeyPortal.Keys.ExpiryInput.On(day) });
        var client = new Client(portal.CreateClient(), manager.Plaintext.Expose());
        string?[] expiries = ["2026-11-22T09:00:00Z", "2026-11-22T09:00:00.001Z", "2030-01-01T00:00:00Z", null, "never"];

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i =>
        {
            var expiry = expiries[i % expiries.Length];
            var body = new JsonObject { ["name"] = $"K{i}" };
            if (expiry is not null)
            {
                body[expiry == "never" ? "expires_in" : "expires_at"] = expiry;
            }

            return client.CreateAsync(body);
        }));

        answers.Count(a => a.Status == HttpStatusCode.Created).ShouldBe(10);
        answers.Where(a => a.Status == HttpStatusCode.Created).ShouldAllBe(a => a.Text("expires_at") == "2026-11-22T09:00:00Z");
        answers.Where(a => a.Status != HttpStatusCode.Created).ShouldAllBe(a => a.IsProblem(422, "validation_failed") != null);
    }

    [Fact]
    public async Task No_validation_that_began_after_the_revocation_says_valid()
    {
        await using var portal = new Portal(("KeyPortal:Policy:KeysPerMember", "1000"));
        var cast = await Cast.EnterAsync(portal);
        var client = await Client.OfAsync(portal, cast.Alice);
        for (var round = 0; round < 50; round++)
        {
            var key = await portal.KeyAsync(cast.Alice, $"Round {round}");
            var revoked = 0;
            var (before, after) = (0, 0);
            var clients = Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
            {
                for (var late = 0; late < 3;)
                {
                    var beganAfter = Volatile.Read(ref revoked) == 1;
                    var code = (await client.ValidateAsync(key.Plaintext.Expose())).Code;
                    if (beganAfter)
                    {
                        code.ShouldBe("revoked");
                        Interlocked.Increment(ref after);
                        late++;
                    }
                    else if (code == "valid")
                    {
                        Interlocked.Increment(ref before);
                    }
                }
            })).ToList();
            while (Volatile.Read(ref before) < 16 && !clients.Exists(c => c.IsFaulted))
            {
                await Task.Yield();
            }

            (await client.PostAsync($"{Client.Keys}/{key.Key.Id}/revoke")).Is(HttpStatusCode.OK);
            Volatile.Write(ref revoked, 1);
            await Task.WhenAll(clients);
            after.ShouldBe(48);
        }
    }
}
