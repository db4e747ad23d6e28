using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Keys;

/// <summary>Each command: success, invalid, not allowed, another organization, and its audit entry.</summary>
public sealed class KeyCommandTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    private Portal Portal => shared.Portal;

    private Cast Cast => shared.Cast;

    [Fact]
    public async Task Creating_makes_an_active_key_and_two_entries()
    {
        var made = (await Portal.Get<KeyIssuance>().CreateAsync(Cast.Dora, new KeyInput { Name = "Build", Scopes = ["triggers:read"] }, KeyType.Secret, KeyEnvironment.Live)).Value;

        made.Key.Status.ShouldBe(KeyStatus.Active);
        (made.Key.OwnerId, made.Key.OwnerName, made.Key.CreatedBy).ShouldBe((Cast.Dora.Id, "Dora", Cast.Dora.Id));
        made.Key.ExpiresAt.ShouldBe(made.Key.CreatedAt.AddDays(90));
        made.Plaintext.Start.ShouldBe(made.Key.Start);
        var entries = await Portal.EntriesAsync(made.Key.Id);
        entries.Select(e => e.Action).ShouldBe(["key.created", "key.revealed"]);
        entries.ShouldAllBe(e => e.ActorId == Cast.Dora.Id && e.OrganizationId == Cast.AcmeId && e.Outcome == AuditOutcome.Succeeded);
        System.Text.Encoding.UTF8.GetString(entries[0].Bytes).ShouldNotContain(made.Plaintext.Expose()[..20]);
    }

    [Fact]
    public async Task The_plaintext_is_nowhere_in_the_data_directory()
    {
        var key = await Portal.KeyAsync(Cast.Alice);
        await using (var db = Portal.OpenDb())
        {
            await db.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)");
        }

        var random = key.Plaintext.Expose()[^26..];
        foreach (var file in Directory.GetFiles(Portal.DataDirectory, "*.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            (await reader.ReadToEndAsync()).ShouldNotContain(random);
        }
    }

    [Fact]
    public async Task A_broken_rule_makes_no_key_and_no_entry()
    {
        var before = await Portal.CountEntriesAsync();
        var refused = await Portal.Get<KeyIssuance>().CreateAsync(Cast.Alice, new KeyInput { Name = " " }, KeyType.Secret, KeyEnvironment.Live);
        refused.Refusal!.Kind.ShouldBe(RefusalKind.Invalid);
        refused.Refusal.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/name");
        (await Portal.CountEntriesAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task An_auditor_creates_nothing_and_leaves_a_trace()
    {
        var refused = await Portal.Get<KeyIssuance>().CreateAsync(Cast.Audrey, new KeyInput { Name = "Mine" }, KeyType.Secret, KeyEnvironment.Live);
        refused.Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        await using var db = Portal.OpenDb();
        (await db.Set<AuditEntry>().Where(e => e.ActorId == Cast.Audrey.Id && e.Action == "permission.refused").ToListAsync()).ShouldNotBeEmpty();
        (await db.Set<ApiKey>().AnyAsync(k => k.OwnerId == Cast.Audrey.Id)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_changed_rotation_age_is_recorded_with_what_it_was()
    {
        var key = (await Portal.KeyAsync(Cast.Dora, with: i => i with { RotationAgeSeconds = 90 * 86_400 })).Key;
        key.RotationDueAt.ShouldBe(key.CreatedAt.AddDays(90));

        var edited = (await Portal.Get<KeyEditing>().EditAsync(Cast.Dora, key.Id, i => i with { RotationAgeSeconds = null })).Value;

        (edited.RotationAgeSeconds, edited.RotationDueAt).ShouldBe((null, null));
        var entry = (await Portal.EntriesAsync(key.Id)).Single(e => e.Action == "key.updated");
        var details = JsonNode.Parse(entry.Bytes)!["details"]!;
        (details["before"]!.ToJsonString(), details["after"]!.ToJsonString()).ShouldBe(("""{"rotation_age_seconds":7776000}""", """{"rotation_age_seconds":null}"""));
    }

    public static readonly TheoryData<string, string, string> Changes = new()
    {
        { "revoke", "key.revoked", "revoked" },
        { "disable", "key.disabled", "disabled" },
        { "edit", "key.updated", "active" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_change_happens_once_and_leaves_one_entry(string change, string action, string status)
    {
        var key = (await Portal.KeyAsync(Cast.Dora)).Key;
        (await ChangeAsync(Cast.Dora, key.Id, change)).Value.Status.ShouldBe(SnakeCase.Parse<KeyStatus>(status));
        // That an admin too wants a key off counts, and is recorded.
        (await ChangeAsync(change == "disable" ? Cast.Dora : Cast.Andy, key.Id, change)).Refusal?.Code.ShouldBeOneOf("key_revoked");

        var entry = (await Portal.EntriesAsync(key.Id)).Where(e => e.Action == action).ShouldHaveSingleItem();
        (entry.ActorId, entry.Outcome, entry.TargetType).ShouldBe((Cast.Dora.Id, AuditOutcome.Succeeded, "api_key"));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Another_developers_key_does_not_exist_and_asking_leaves_a_trace(string change, string action, string status)
    {
        _ = status;
        var key = (await Portal.KeyAsync(Cast.Dora)).Key;
        (await ChangeAsync(Cast.Dan, key.Id, change)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        var entries = await Portal.EntriesAsync(key.Id);
        entries.ShouldNotContain(e => e.Action == action);
        entries.Where(e => e.Action == "permission.refused").ShouldHaveSingleItem().ActorId.ShouldBe(Cast.Dan.Id);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task An_auditor_sees_the_key_and_may_not_change_it(string change, string action, string status)
    {
        _ = (action, status);
        var key = (await Portal.KeyAsync(Cast.Dora)).Key;
        (await Portal.Get<KeyQueries>().FindAsync(Cast.Audrey, key.Id)).Value.Id.ShouldBe(key.Id);
        (await ChangeAsync(Cast.Audrey, key.Id, change)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Another_organizations_key_does_not_exist(string change, string action, string status)
    {
        _ = (action, status);
        var key = (await Portal.KeyAsync(Cast.Dora)).Key;
        var refused = (await ChangeAsync(Cast.Olaf, key.Id, change)).Refusal!;
        refused.ShouldBe((await ChangeAsync(Cast.Olaf, "key_00000000000000000000000000", change)).Refusal!);
        refused.Kind.ShouldBe(RefusalKind.NotFound);
        (await Portal.Get<KeyQueries>().FindAsync(Cast.Olaf, key.Id)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await Portal.Get<KeyQueries>().FindManyAsync(Cast.Olaf, [key.Id])).ShouldBeEmpty();
        (await Portal.EntriesAsync(key.Id)).ShouldNotContain(e => e.ActorId == Cast.Olaf.Id);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_revoked_key_stays_as_it_was(string change, string action, string status)
    {
        _ = (action, status);
        var key = (await Portal.KeyAsync(Cast.Dora)).Key;
        var dead = (await Portal.Get<KeyRevocation>().RevokeAsync(Cast.Alice, key.Id, RevocationReason.KeyCompromise)).Value;
        var again = await ChangeAsync(Cast.Alice, key.Id, change);
        if (change == "revoke")
        {
            (again.Value.RevocationReason, again.Value.RevokedBy).ShouldBe((RevocationReason.KeyCompromise, Cast.Alice.Id));
        }
        else
        {
            again.Refusal!.Code.ShouldBe("key_revoked");
        }

        Json((await Portal.Get<KeyQueries>().FindAsync(Cast.Alice, key.Id)).Value).ShouldBe(Json(dead));
        (await Portal.Get<KeySuspension>().EnableAsync(Cast.Alice, key.Id)).Refusal!.Code.ShouldBe("key_revoked");
    }

    [Fact]
    public async Task A_disabled_key_can_be_enabled_again()
    {
        var key = (await Portal.KeyAsync(Cast.Dora)).Key;
        await Portal.Get<KeySuspension>().DisableAsync(Cast.Dora, key.Id);
        (await Portal.Get<KeySuspension>().EnableAsync(Cast.Dora, key.Id)).Value.Status.ShouldBe(KeyStatus.Active);
        (await Portal.Get<KeySuspension>().EnableAsync(Cast.Dora, key.Id)).Value.Status.ShouldBe(KeyStatus.Active);
        (await Portal.EntriesAsync(key.Id)).Select(e => e.Action).ShouldBe(["key.created", "key.revealed", "key.disabled", "key.enabled"]);
    }

    [Fact]
    public async Task An_edit_records_before_and_after_of_what_changed_and_of_nothing_else()
    {
        var key = (await Portal.KeyAsync(Cast.Dora, "Old", with: i => i with { Tags = ["a"] })).Key;
        await Portal.Get<KeyEditing>().EditAsync(Cast.Dora, key.Id, i => i with { Name = "New", Tags = ["a"] });
        var entry = (await Portal.EntriesAsync(key.Id))[^1];
        System.Text.Encoding.UTF8.GetString(entry.Bytes).ShouldContain("\"details\":{\"after\":{\"name\":\"New\"},\"before\":{\"name\":\"Old\"}}");
    }

    [Fact]
    public async Task Saving_an_unchanged_form_writes_nothing()
    {
        var key = (await Portal.KeyAsync(Cast.Dora, with: i => i with { Metadata = new Dictionary<string, string> { ["b"] = "1", ["a"] = "2" } })).Key;
        await Portal.Get<KeyEditing>().EditAsync(Cast.Dora, key.Id, i => i with { Metadata = new Dictionary<string, string> { ["a"] = "2", ["b"] = "1" } });
        (await Portal.EntriesAsync(key.Id)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_edit_that_breaks_a_rule_changes_nothing()
    {
        var key = (await Portal.KeyAsync(Cast.Dora, "Kept")).Key;
        (await Portal.Get<KeyEditing>().EditAsync(Cast.Dora, key.Id, i => i with { Name = "Lost", AllowedIps = ["10.0.0.1/8"] })).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/allowed_ips/0");
        Json((await Portal.Get<KeyQueries>().FindAsync(Cast.Dora, key.Id)).Value).ShouldBe(Json(key));
    }

    private static string Json(KeyView key) => System.Text.Json.JsonSerializer.Serialize(key);

    private Task<Outcome<KeyView>> ChangeAsync(Actor actor, string keyId, string change) => change switch
    {
        "revoke" => Portal.Get<KeyRevocation>().RevokeAsync(actor, keyId, RevocationReason.Unspecified),
        "disable" => Portal.Get<KeySuspension>().DisableAsync(actor, keyId),
        _ => Portal.Get<KeyEditing>().EditAsync(actor, keyId, i => i with { Description = "Changed" }),
    };
}
