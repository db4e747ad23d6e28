using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Operations;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Operations;

/// <summary>The SQLite that ships with the program, for machines without one, is years older: everything has to work on it too.</summary>
public sealed class BundledSqliteTests
{
    private static readonly (string, string) Bundled = ("KEYPORTAL_SQLITE_LIBRARY", "bundled");
    private readonly string _data = PortalProcess.NewDataDirectory();

    [Fact]
    public async Task The_main_journey_works_on_the_bundled_library()
    {
        var made = await PortalProcess.BootstrapAsync(_data, Bundled);
        var managementKey = made["management_key"]!.GetValue<string>();
        string id;
        await using (var portal = await PortalProcess.ServeAsync(_data, Bundled))
        {
            portal.Output.ShouldContain("warn: KeyPortal.Storage");
            portal.Output.ShouldMatch(@"using the bundled 3\.\d+\.\d+,");
            var client = new Client(portal.Client, managementKey);
            await CreateAsync(client, "Zebra feed", "triggers:write");
            await CreateAsync(client, "Billing feed", "triggers:read");
            var created = await CreateAsync(client, "Alpha", "triggers:read");
            id = created.Text("id");
            (await client.ValidateAsync(created.Text("key"))).Is(HttpStatusCode.OK).Code.ShouldBe("valid");
            await ListAsync(client);
            (await client.PostAsync($"{Client.Keys}/{id}/revoke")).Is(HttpStatusCode.OK);
            (await client.ValidateAsync(created.Text("key"))).Is(HttpStatusCode.OK).Code.ShouldBe("revoked");
            using var visitor = new FormVisitor(portal.Client.BaseAddress!);
            (await visitor.SignInAsync(PortalProcess.Email, Cast.Password)).ShouldBe(HttpStatusCode.Redirect);
            (await visitor.ShowRecoveryCodeAsync(made["recovery_codes"]![0]!.GetValue<string>())).ShouldBe(HttpStatusCode.Redirect);
            (await visitor.ReadAsync("/audit-log")).ShouldContain("key.revoked");
            (await portal.StopAsync()).ShouldBe(0);
        }

        StoredAudit.Read(_data).ShouldBeGapless().ShouldContain(e => e.Action == "key.revoked" && e.TargetId == id);
        using var usage = StoredLogs.Open(Path.Combine(_data, "usage.db"));
        foreach (var table in (string[])["usage_minutes", "usage_hours"])
        {
            StoredLogs.Query(usage, $"""SELECT "KeyId", "Code", SUM("Count") FROM {table} WHERE "KeyId" <> '' GROUP BY 1, 2 ORDER BY 2""", row => (row.GetString(0), row.GetString(1), row.GetInt64(2)))
                .Where(row => row.Item1 == id).ShouldBe([(id, "revoked", 1), (id, "valid", 1)]);
        }
    }

    private static async Task ListAsync(Client client)
    {
        (await PagesAsync(client, "q=feed&sort=name")).ShouldBe(["Billing feed", "Zebra feed"]);
        (await PagesAsync(client, "scope=triggers:read&sort=-name")).ShouldBe(["Billing feed", "Alpha"]);
        foreach (var sort in (string[])["created_at", "name", "last_used_at", "expires_at"])
        {
            (await PagesAsync(client, $"sort={sort}")).Order().ShouldBe(["Alpha", "Billing feed", "Management key", "Zebra feed"]);
            (await PagesAsync(client, $"sort=-{sort}")).Order().ShouldBe(["Alpha", "Billing feed", "Management key", "Zebra feed"]);
        }

        (await PagesAsync(client, "sort=created_at")).ShouldBe(["Management key", "Zebra feed", "Billing feed", "Alpha"]);
        (await PagesAsync(client, "sort=-created_at")).ShouldBe(["Alpha", "Billing feed", "Zebra feed", "Management key"]);
    }

    /// <summary>The names of a list, read one key at a time from cursor to cursor.</summary>
    private static async Task<IReadOnlyList<string>> PagesAsync(Client client, string query)
    {
        List<string> names = [];
        string? cursor = null;
        do
        {
            var page = (await client.GetAsync($"{Client.Keys}?{query}&limit=1{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}")).Is(HttpStatusCode.OK);
            names.AddRange(page["data"].AsArray().Select(k => k!["name"]!.GetValue<string>()));
            cursor = page.Json!["next_cursor"]?.GetValue<string>();
        }
        while (cursor is not null && names.Count < 10);
        return names;
    }

    private static async Task<Answer> CreateAsync(Client client, string name, string scope) =>
        (await client.CreateAsync(new JsonObject { ["name"] = name, ["scopes"] = new JsonArray(scope) })).Is(HttpStatusCode.Created);
}
