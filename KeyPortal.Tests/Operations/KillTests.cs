using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Operations;

public sealed class KillTests
{
    private const int Kills = 30;

    // Each kill waits for a start, most of which one core does: several instances at once use the others.
    private const int Instances = 3;

    [Fact]
    public async Task What_was_acknowledged_survives_thirty_kills_and_nothing_is_half_done() =>
        await Task.WhenAll(Enumerable.Range(0, Instances).Select(i => new DoomedInstance().LiveAsync([.. Enumerable.Range(0, Kills).Where(round => round % Instances == i)])));
}

/// <summary>One data directory whose server is killed again and again while it is changed.</summary>
internal sealed class DoomedInstance
{
    private readonly string _data = PortalProcess.NewDataDirectory();
    private readonly ConcurrentDictionary<string, string> _created = new();
    private readonly ConcurrentBag<string> _revoked = [];

    public async Task LiveAsync(IReadOnlyList<int> rounds)
    {
        (string, string)[] settings = [("KeyPortal__Policy__KeysPerMember", "1000000"), ("KeyPortal__Api__RequestsPerMinute", "0")];
        var managementKey = (await PortalProcess.BootstrapAsync(_data, settings))["management_key"]!.GetValue<string>();
        foreach (var round in rounds)
        {
            await using var portal = await PortalProcess.ServeAsync(_data, settings);
            var client = new Client(portal.Client, managementKey);
            await CheckNewestAsync(client);
            var busy = Enumerable.Range(0, 3).Select(_ => ChangeAsync(client)).ToArray();
            await DieAsync(round);
            await portal.KillAsync();
            await Task.WhenAll(busy);
        }

        _created.Count.ShouldBeGreaterThan((2 * rounds.Count) - 1);
        _revoked.Count.ShouldBeGreaterThan(rounds.Count / 2);
        CheckFiles();
    }

    /// <summary>Waits for some acknowledgements and then a little longer, so that each round dies at another point of its work.</summary>
    private async Task DieAsync(int round)
    {
        var before = _created.Count;
        var began = Stopwatch.StartNew();
        while (_created.Count < before + 2 + (round % 5) && began.Elapsed < TimeSpan.FromSeconds(30))
        {
            await Task.Delay(1);
        }

        await Task.Delay(round % 7);
    }

    /// <summary>Creates keys and revokes every other one until the server is gone; remembers only what was acknowledged.</summary>
    private async Task ChangeAsync(Client client)
    {
        try
        {
            for (var i = 0; ; i++)
            {
                var created = await client.PostAsync(Client.Keys, new JsonObject { ["name"] = "Doomed" });
                created.Is(HttpStatusCode.Created);
                var id = created.Text("id");
                _created[id] = created.Text("key");
                if (i % 2 == 0)
                {
                    (await client.PostAsync($"{Client.Keys}/{id}/revoke")).Is(HttpStatusCode.OK);
                    _revoked.Add(id);
                }
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException or System.Net.Sockets.SocketException)
        {
            // Killed.
        }
    }

    /// <summary>The restarted server says of keys acknowledged last what it said before.</summary>
    private async Task CheckNewestAsync(Client client)
    {
        foreach (var (id, key) in _created.OrderByDescending(k => k.Key, StringComparer.Ordinal).Take(10))
        {
            var decision = (await client.PostAsync($"{Client.Keys}/validate", new JsonObject { ["key"] = key })).Is(HttpStatusCode.OK);
            if (_revoked.Contains(id))
            {
                decision.Code.ShouldBe("revoked");
            }
            else
            {
                // A revocation whose answer was lost may have happened.
                decision.Code.ShouldBeOneOf("valid", "revoked");
            }
        }
    }

    private void CheckFiles()
    {
        var entries = StoredAudit.Read(_data).ShouldBeGapless();
        var (all, revoked) = StoredAudit.Keys(_data);
        _created.Keys.Except(all).ShouldBeEmpty();
        _revoked.Except(revoked).ShouldBeEmpty();
        Targets("key.created").ShouldBe(all.Order());
        Targets("key.revoked").ShouldBe(revoked.Order());

        IEnumerable<string> Targets(string action) => entries.Where(e => e.Action == action).Select(e => e.TargetId).Order();
    }
}
