using System.Text;
using KeyPortal.Access;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Keys.Imports;
using KeyPortal.Keys.Policies;
using KeyPortal.Mail;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Keys.Imports;

public sealed class KeyImportTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Each_item_gets_its_answer_and_its_entry_and_the_import_one_more()
    {
        var full = Imported.Item("sha256", Imported.Sha256, "legacy_live_Zk3vQ9", "Billing worker") with { Environment = KeyEnvironment.Live };
        full = full with { Input = full.Input with { Scopes = ["triggers:read"], AllowedIps = ["10.0.0.0/8"], Tags = ["billing"], Metadata = new Dictionary<string, string> { ["old_id"] = "17" } } };

        var answers = await _portal.ImportAsync(_cast.Andy, full, Imported.Item("sha256", "nonsense", name: "Broken"), Imported.ItemOf("legacy-key-2", "Second"));

        answers.Select(a => (a.Index, a.Name, a.KeyId is not null)).ShouldBe([(0, "Billing worker", true), (1, "Broken", false), (2, "Second", true)]);
        var key = (await _portal.Get<KeyQueries>().FindAsync(_cast.Alice, answers[0].KeyId!)).Value;
        (key.Name, key.OwnerId, key.CreatedBy, key.Environment, key.Start, key.Status, key.SecretVersion)
            .ShouldBe(("Billing worker", _cast.Andy.MemberId, _cast.Andy.Id, KeyEnvironment.Live, "legacy_live_Zk3vQ9", KeyStatus.Active, 1));
        (key.Scopes.Single(), key.AllowedIps.Single(), key.Tags.Single(), key.Metadata["old_id"]).ShouldBe(("triggers:read", "10.0.0.0/8", "billing", "17"));
        var entry = (await _portal.EntriesAsync(key.Id)).ShouldHaveSingleItem();
        (entry.Action, entry.ActorId).ShouldBe(("key.imported", _cast.Andy.Id));
        var text = Encoding.UTF8.GetString(entry.Bytes);
        text.ShouldContain("\"hash_algorithm\":\"sha256\"");
        text.ShouldNotContain(Imported.Sha256);
        var summary = (await _portal.EntriesAsync(_cast.AcmeId)).ShouldHaveSingleItem();
        summary.Action.ShouldBe("keys.imported");
        Encoding.UTF8.GetString(summary.Bytes).ShouldContain("""{"imported":2,"refused":1}""");
    }

    [Fact]
    public async Task The_same_import_again_refuses_each_as_duplicate_and_writes_nothing()
    {
        ImportItem[] items = [Imported.ItemOf("legacy-key-1"), Imported.Item("bcrypt", Imported.Bcrypt, "legacy_live_Zk3vQ9"), Imported.Item("argon2id", Imported.Argon2id, "legacy_live_Ab5cD6")];
        (await _portal.ImportAsync(_cast.Alice, items)).ShouldAllBe(a => a.Refusal == null);
        var entries = await _portal.CountEntriesAsync();

        foreach (var importer in (Actor[])[_cast.Alice, _cast.Olaf])
        {
            var again = await _portal.ImportAsync(importer, items);
            again.ShouldAllBe(a => a.Refusal!.Code == "duplicate" && a.KeyId == null);
            again.Select(a => a.Refusal!.Errors.Single().Pointer).ShouldBe(["/keys/0/hash/value", "/keys/1/hash/value", "/keys/2/hash/value"]);
        }

        (await _portal.CountEntriesAsync()).ShouldBe(entries);
    }

    [Fact]
    public async Task Within_one_import_the_first_of_two_equal_hashes_counts()
    {
        var answers = await _portal.ImportAsync(_cast.Alice,
            Imported.ItemOf("legacy-key-1"), Imported.ItemOf("legacy-key-1"), Imported.Item("bcrypt", Imported.Bcrypt, "legacy_live_Zk3vQ9"), Imported.Item("bcrypt", Imported.Bcrypt, "legacy_live_"));

        answers.Select(a => a.Refusal?.Code).ShouldBe([null, "duplicate", null, "duplicate"]);
    }

    [Fact]
    public async Task A_preview_answers_as_the_import_will_and_writes_nothing()
    {
        ImportItem[] items = [Imported.ItemOf("legacy-key-1"), Imported.ItemOf("legacy-key-1"), Imported.Item("md5", "x")];
        var entries = await _portal.CountEntriesAsync();

        var preview = (await _portal.Get<KeyImport>().PreviewAsync(_cast.Alice, items)).Value;

        preview.ShouldAllBe(a => a.KeyId == null);
        (await _portal.CountEntriesAsync()).ShouldBe(entries);
        (await _portal.ValidateAsync(_cast.AcmeId, "legacy-key-1")).Code.ShouldBe(ValidationCode.Malformed, "nothing was imported");
        var imported = await _portal.ImportAsync(_cast.Alice, items);
        imported.Select(a => a.Refusal?.Code).ShouldBe(preview.Select(a => a.Refusal?.Code));
    }

    [Fact]
    public async Task A_thousand_keys_come_past_the_bound_on_keys_a_member_and_count_afterwards()
    {
        var keys = Enumerable.Range(0, KeyImport.MaxItems).Select(i => $"legacy-key-{i:0000}").ToList();

        var answers = await _portal.ImportAsync(_cast.Alice, [.. keys.Select(key => Imported.ItemOf(key))]);

        answers.Count(a => a.Refusal is null).ShouldBe(KeyImport.MaxItems);
        (await _portal.ValidateAsync(_cast.AcmeId, keys[^1])).Key!.KeyId.ShouldBe(answers[^1].KeyId);
        (await _portal.Get<KeyIssuance>().CreateAsync(_cast.Alice, new KeyInput { Name = "One more" }, KeyType.Secret, KeyEnvironment.Test)).Refusal!.Code.ShouldBe("key_limit_reached");
        foreach (var items in (ImportItem[][])[[], [.. Enumerable.Repeat(Imported.ItemOf("x"), KeyImport.MaxItems + 1)]])
        {
            (await _portal.Get<KeyImport>().ImportAsync(_cast.Alice, items)).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/keys");
        }
    }

    [Fact]
    public async Task Who_may_not_import_is_refused_and_recorded_and_so_is_everybody_while_key_management_is_off()
    {
        foreach (var actor in (Actor[])[_cast.Dora, _cast.Audrey])
        {
            (await _portal.Get<KeyImport>().ImportAsync(actor, [Imported.ItemOf("legacy-key-1")])).Refusal!.Code.ShouldBe("not_allowed");
        }

        (await _portal.EntriesAsync(_cast.AcmeId)).Select(e => (e.Action, e.Outcome)).ShouldBe([("permission.refused", AuditOutcome.Refused), ("permission.refused", AuditOutcome.Refused)]);
        _portal.TurnKeyManagement("false");
        (await _portal.Get<KeyImport>().ImportAsync(_cast.Alice, [Imported.ItemOf("legacy-key-1")])).Refusal!.Code.ShouldBe("key_management_disabled");
        (await _portal.Get<KeyImport>().PreviewAsync(_cast.Alice, [Imported.ItemOf("legacy-key-1")])).Refusal!.Code.ShouldBe("key_management_disabled");
    }

    [Fact]
    public async Task Live_keys_need_the_importers_second_factor_and_own_scopes_are_not_handed_on_by_who_lacks_them()
    {
        await using (var db = _portal.OpenDb())
        {
            await db.Set<SecondFactor>().Where(f => f.UserId == _cast.Andy.MemberId).ExecuteDeleteAsync();
        }

        var live = Imported.ItemOf("legacy-key-1") with { Environment = KeyEnvironment.Live };
        (await _portal.ImportAsync(_cast.Andy, live)).Single().Refusal!.Code.ShouldBe("second_factor_required");
        var narrow = _cast.Alice with { Type = ActorType.ApiKey, Id = "key_narrow", Scopes = [OwnScopes.ApiKeysManage] };
        var own = Imported.ItemOf("legacy-key-2");
        own = own with { Input = own.Input with { Scopes = [OwnScopes.AuditRead.Value] } };
        (await _portal.ImportAsync(narrow, own)).Single().Refusal!.Code.ShouldBe("scope_not_grantable");

        (await _portal.EntriesAsync(_cast.AcmeId)).Select(e => e.Action).ShouldBe(["permission.refused", "permission.refused"]);
        (await _portal.ImportAsync(_cast.Alice, live)).Single().Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task A_rotated_imported_key_has_a_secret_of_our_own_form_and_the_old_one_lives_until_its_grace_is_over()
    {
        var id = await _portal.ImportOneAsync(_cast.Alice, Imported.Item("bcrypt", Imported.Bcrypt, "legacy_live_Zk3vQ9"));

        var rotated = (await _portal.Get<KeyRotation>().RotateAsync(_cast.Alice, id, new RotationInput(TimeSpan.FromHours(1)))).Value;

        (rotated.Key.Id, rotated.Key.Start).ShouldBe((id, rotated.Plaintext.Start));
        rotated.Plaintext.Start.ShouldStartWith("sk_test_");
        var old = await _portal.ValidateAsync(_cast.AcmeId, Imported.Key);
        (old.Code, old.Warnings.Single().Code).ShouldBe((ValidationCode.Valid, KeyWarningCode.Superseded));
        (await _portal.ValidateAsync(_cast.AcmeId, rotated.Plaintext.Expose())).Code.ShouldBe(ValidationCode.Valid);
        _portal.Clock.Advance(TimeSpan.FromHours(1));
        (await _portal.ValidateAsync(_cast.AcmeId, Imported.Key)).Code.ShouldBe(ValidationCode.Expired);
        (await _portal.ValidateAsync(_cast.AcmeId, rotated.Plaintext.Expose())).Code.ShouldBe(ValidationCode.Valid);
    }

    [Fact]
    public async Task Live_keys_with_scopes_that_want_approval_wait_for_it_and_one_mail_tells_of_them_all()
    {
        await using var portal = new Portal(("KeyPortal:Policy:ApprovalScopes:0", "triggers:write"), ("KeyPortal:Policy:NetworksRequiredForLive", "true"),
            ("KeyPortal:PublicUrl", "https://keys.example.com"), ("KeyPortal:Mail:Host", "127.0.0.1"), ("KeyPortal:Mail:From", "keys@example.com"), ("KeyPortal:Mail:Security", "none"));
        var cast = await Cast.EnterAsync(portal);
        ImportItem Live(string key, params string[] networks)
        {
            var item = Imported.ItemOf(key) with { Environment = KeyEnvironment.Live };
            return item with { Input = item.Input with { Scopes = ["triggers:write"], AllowedIps = networks } };
        }

        var answers = await portal.ImportAsync(cast.Alice, Live("legacy-key-1", "10.0.0.0/8"), Live("legacy-key-2", "10.0.0.0/8"), Live("legacy-key-3"));

        answers[2].Refusal!.Errors.Single().Pointer.ShouldBe("/keys/2/allowed_ips");
        foreach (var id in answers.Take(2).Select(a => a.KeyId!))
        {
            (await portal.EntriesAsync(id)).Select(e => e.Action).ShouldBe(["key.imported", "key.approval_requested"]);
        }

        (await portal.ValidateAsync(cast.AcmeId, "legacy-key-1")).Code.ShouldBe(ValidationCode.NotYetValid);
        (await portal.Get<KeyApproval>().ApproveAsync(cast.Andy, answers[0].KeyId!)).Refusal.ShouldBeNull();
        (await portal.Get<KeyValidator>().ValidateAsync(cast.AcmeId, new ValidationRequest { Key = "legacy-key-1", Demand = new KeyDemand { Ip = "10.1.2.3" } })).Code.ShouldBe(ValidationCode.Valid);
        await using var db = portal.OpenDb();
        (await db.Set<OutgoingMail>().CountAsync()).ShouldBe(2, "one to Andy of both keys, one to Alice of his decision");
    }

    [Fact]
    public async Task At_most_ten_slow_hashes_are_checked_for_one_presented_key()
    {
        ImportItem Slow(int i, string start) => Imported.Item("bcrypt", Imported.Bcrypt[..^6] + $"{i:00000}u", start);
        var answers = await _portal.ImportAsync(_cast.Alice, [.. Enumerable.Range(0, 9).Select(i => Slow(i, "legacy_live_Zk"))]);
        answers.ShouldAllBe(a => a.Refusal == null);

        (await _portal.ImportAsync(_cast.Olaf, Slow(20, "legacy_live_"), Slow(21, "legacy_live_Zk3"), Slow(22, "legacy_live_Zk"), Slow(23, "legacy_live_Xx"), Slow(24, "legacy_l")))
            .Select(a => a.Refusal?.Errors[0].Pointer).ShouldBe([null, "/keys/1/start", "/keys/2/start", null, "/keys/4/start"]);
    }
}
