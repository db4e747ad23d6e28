using System.Text;
using System.Text.Json.Nodes;
using KeyPortal.Access;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Audit;

public sealed class AuditLogTests
{
    private const string Columns = """ "OrganizationId", "index", "Bytes", "At", "Action", "ActorType", "ActorId", "TargetType", "TargetId", "Outcome" """;

    [Fact]
    public async Task Fifty_acts_at_once_in_two_organizations_number_each_log_without_a_gap()
    {
        await using var portal = new Portal(("KeyPortal:Policy:KeysPerMember", "100"));
        var cast = await Cast.EnterAsync(portal);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => portal.KeyAsync(i % 2 == 0 ? cast.Alice : cast.Olaf))));

        foreach (var organizationId in (string[])[cast.AcmeId, cast.UmbraId])
        {
            var entries = await EntriesAsync(portal, organizationId);
            entries.Select(e => e.Index).ShouldBe(Enumerable.Range(0, 50).Select(i => (long)i));
            entries.ShouldAllBe(e => Json(e)["index"]!.GetValue<long>() == e.Index && Json(e)["organization_id"]!.GetValue<string>() == organizationId);
        }
    }

    [Theory]
    [InlineData("""UPDATE audit_entries SET "Action" = 'key.created'""", "never changed")]
    [InlineData("DELETE FROM audit_entries", "never deleted")]
    [InlineData($"INSERT OR REPLACE INTO audit_entries ({Columns}) SELECT {Columns} FROM audit_entries LIMIT 1", "without gaps")]
    [InlineData("""INSERT INTO audit_entries SELECT "OrganizationId", "index" + 3, "Bytes", "At", "Action", "ActorType", "ActorId", "TargetType", "TargetId", "Outcome" FROM audit_entries WHERE "index" = 0""", "without gaps")]
    [InlineData("""INSERT INTO audit_entries SELECT 'org_new', 1, "Bytes", "At", "Action", "ActorType", "ActorId", "TargetType", "TargetId", "Outcome" FROM audit_entries WHERE "index" = 0""", "without gaps")]
    [InlineData($"""INSERT OR REPLACE INTO audit_entries (rowid, {Columns}) SELECT rowid, "OrganizationId", "index" + 2, "Bytes", "At", "Action", "ActorType", "ActorId", "TargetType", "TargetId", "Outcome" FROM audit_entries WHERE "index" = 0""", "never replaced")]
    [InlineData("""UPDATE audit_openings SET "Value" = 'Somebody else'""", "never changed")]
    public async Task The_database_itself_refuses_to_rewrite_the_log(string sql, string because)
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        await portal.KeyAsync(cast.Alice);
        var before = await StoredAsync();
        before.Count.ShouldBe(2);

        await using var db = portal.OpenDb();
        (await Should.ThrowAsync<SqliteException>(() => db.Database.ExecuteSqlRawAsync(sql))).Message.ShouldContain(because);

        (await StoredAsync()).ShouldBe(before);
        async Task<IReadOnlyList<string>> StoredAsync() => [.. (await EntriesAsync(portal, cast.AcmeId)).Select(e => Encoding.UTF8.GetString(e.Bytes) + e.Action)];
    }

    [Fact]
    public async Task An_act_whose_entry_cannot_be_written_does_not_happen()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = await portal.KeyAsync(cast.Alice);
        await using var db = portal.OpenDb();
        await db.Database.ExecuteSqlRawAsync("CREATE TRIGGER broken BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(ABORT, 'broken'); END");

        await Should.ThrowAsync<DbUpdateException>(() => portal.Get<KeyRevocation>().RevokeAsync(cast.Alice, key.Key.Id, RevocationReason.KeyCompromise));
        await Should.ThrowAsync<DbUpdateException>(() => portal.KeyAsync(cast.Alice));
        (await CodeAsync()).ShouldBe(ValidationCode.Valid);
        (await portal.Get<KeyQueries>().CountAsync(cast.Alice)).Value.Total.ShouldBe(1);

        await db.Database.ExecuteSqlRawAsync("DROP TRIGGER broken");
        (await portal.Get<KeyRevocation>().RevokeAsync(cast.Alice, key.Key.Id, RevocationReason.KeyCompromise)).Value.Status.ShouldBe(KeyStatus.Revoked);
        (await CodeAsync()).ShouldBe(ValidationCode.Revoked);
        (await portal.EntriesAsync(key.Key.Id)).Select(e => e.Action).ShouldBe(["key.created", "key.revealed", "key.revoked"]);

        async Task<ValidationCode> CodeAsync() => (await portal.Get<KeyValidator>().ValidateAsync(cast.AcmeId, new ValidationRequest { Key = key.Plaintext.Expose(), Fresh = true })).Code;
    }

    [Fact]
    public async Task An_entry_binds_personal_values_without_holding_them()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        await portal.SignInFullyAsync("alice@acme.example", new Origin("203.0.113.77", "Mosaic/1.0", "req_1"));

        var entry = (await portal.EntriesAsync(cast.Alice.Id)).ShouldHaveSingleItem();
        var text = Encoding.UTF8.GetString(entry.Bytes);
        text.ShouldNotContain("Alice", Case.Insensitive);
        text.ShouldNotContain("203.0.113.77");
        text.ShouldNotContain("Mosaic");
        entry.Bytes.ShouldBe(CanonicalJson.Serialize(JsonNode.Parse(entry.Bytes)));

        await using var db = portal.OpenDb();
        var openings = await db.Set<AuditOpening>().AsNoTracking().Where(o => o.OrganizationId == cast.AcmeId && o.Index == entry.Index).OrderBy(o => o.Pointer).ToListAsync();
        openings.Select(o => (o.Pointer, o.Value)).ShouldBe([("/actor/name", "Alice"), ("/ip", "203.0.113.77"), ("/target/name", "Alice"), ("/user_agent", "Mosaic/1.0")]);
        openings.ShouldAllBe(o => o.Salt.Length == 16);
        openings.Select(o => Convert.ToHexString(o.Salt)).ShouldBeUnique();
        foreach (var opening in openings)
        {
            var stored = opening.Pointer[1..].Split('/').Aggregate((JsonNode)Json(entry), (node, name) => node[name]!);
            stored.GetValue<string>().ShouldBe(AuditLog.Commitment(opening.Salt, opening.Value));
        }
    }

    private static JsonObject Json(AuditEntry entry) => JsonNode.Parse(entry.Bytes)!.AsObject();

    private static async Task<IReadOnlyList<AuditEntry>> EntriesAsync(Portal portal, string organizationId)
    {
        await using var db = portal.OpenDb();
        return await db.Set<AuditEntry>().AsNoTracking().Where(e => e.OrganizationId == organizationId).OrderBy(e => e.Index).ToListAsync();
    }
}
