using KeyPortal.Access;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Audit;

public sealed class AuditReaderTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Owners_admins_and_auditors_read_their_own_log_and_developers_do_not()
    {
        var key = (await _portal.KeyAsync(_cast.Dora)).Key;
        foreach (var reader in (Actor[])[_cast.Alice, _cast.Andy, _cast.Audrey])
        {
            (await ListAsync(reader)).Items.Select(e => (e.Action, e.TargetId, e.ActorName)).ShouldBe([("key.revealed", key.Id, "Dora"), ("key.created", key.Id, "Dora")]);
        }

        (await ListAsync(_cast.Olaf)).Items.ShouldBeEmpty();
        var reading = _portal.Get<AuditReader>();
        (await reading.ListAsync(_cast.Dora, new AuditFilter(), 10, null)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await reading.FacetsAsync(_cast.Dan)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await ListAsync(_cast.Audrey)).Items.Take(2).Select(e => (e.Action, e.Outcome, e.ActorName)).ShouldBe(
            [("permission.refused", AuditOutcome.Refused, "Dan"), ("permission.refused", AuditOutcome.Refused, "Dora")]);
    }

    [Fact]
    public async Task A_page_ends_where_the_next_begins()
    {
        for (var i = 0; i < 5; i++)
        {
            await _portal.KeyAsync(_cast.Alice);
        }

        List<long> seen = [];
        string? cursor = null;
        do
        {
            var page = (await _portal.Get<AuditReader>().ListAsync(_cast.Alice, new AuditFilter(), 4, cursor is null ? null : long.Parse(cursor))).Value;
            page.Total.ShouldBe(10);
            seen.AddRange(page.Items.Select(e => e.Index));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        seen.ShouldBe([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    }

    [Fact]
    public async Task Each_filter_keeps_what_it_says()
    {
        var first = (await _portal.KeyAsync(_cast.Alice)).Key;
        var start = _portal.Clock.Now;
        _portal.Clock.Advance(TimeSpan.FromHours(1));
        var second = (await _portal.KeyAsync(_cast.Dora)).Key;
        _portal.Clock.Advance(TimeSpan.FromHours(1));
        await _portal.Get<KeyRevocation>().RevokeAsync(_cast.Alice, second.Id, RevocationReason.Unspecified);

        (await IndexesAsync(new AuditFilter { ActorId = _cast.Alice.Id })).ShouldBe([4, 1, 0]);
        (await IndexesAsync(new AuditFilter { TargetId = second.Id })).ShouldBe([4, 3, 2]);
        (await IndexesAsync(new AuditFilter { Action = "key.created" })).ShouldBe([2, 0]);
        (await IndexesAsync(new AuditFilter { From = start.AddHours(1) })).ShouldBe([4, 3, 2]);
        (await IndexesAsync(new AuditFilter { To = start.AddHours(1) })).ShouldBe([1, 0]);
        (await IndexesAsync(new AuditFilter { From = start.AddHours(1), To = start.AddHours(2) })).ShouldBe([3, 2]);
        (await IndexesAsync(new AuditFilter { ActorId = _cast.Dora.Id, TargetId = first.Id })).ShouldBeEmpty();
        var (actions, actors) = (await _portal.Get<AuditReader>().FacetsAsync(_cast.Audrey)).Value;
        actions.ShouldBe(["key.created", "key.revealed", "key.revoked"]);
        actors.ShouldBe([(_cast.Alice.Id, "Alice"), (_cast.Dora.Id, "Dora")]);
    }

    [Fact]
    public async Task An_erased_value_reads_erased_and_its_entry_stays_as_it_was()
    {
        await SignInAsync();
        var before = (await ListAsync(_cast.Audrey)).Items.ShouldHaveSingleItem();
        (before.ActorName, before.TargetName, before.Ip, before.UserAgent).ShouldBe(("Alice", "Alice", "203.0.113.77", "Mosaic/1.0"));
        await using var db = _portal.OpenDb();
        await db.Set<AuditOpening>().Where(o => o.Pointer == "/actor/name" || o.Pointer == "/target/name" || o.Pointer == "/ip").ExecuteDeleteAsync();

        var after = (await ListAsync(_cast.Audrey)).Items.ShouldHaveSingleItem();
        (after.ActorName, after.TargetName, after.Ip, after.UserAgent).ShouldBe(("erased", "erased", "erased", "Mosaic/1.0"));
        after.Raw.ShouldBe(before.Raw);
    }

    [Fact]
    public async Task An_opening_that_does_not_fit_its_entry_is_not_believed()
    {
        await SignInAsync();
        await using var db = _portal.OpenDb();
        await db.Database.ExecuteSqlRawAsync("""INSERT OR REPLACE INTO audit_openings SELECT "OrganizationId", "index", "Pointer", "Salt", 'Andy' FROM audit_openings WHERE "Pointer" = '/actor/name'""");

        var entry = (await ListAsync(_cast.Audrey)).Items.ShouldHaveSingleItem();
        (entry.ActorName, entry.TargetName).ShouldBe(("altered", "Alice"));
    }

    [Fact]
    public async Task A_key_named_like_a_hidden_value_keeps_its_name()
    {
        var name = AuditLog.Commitment([], "");
        var key = (await _portal.KeyAsync(_cast.Alice, name)).Key;
        (await ListAsync(_cast.Audrey)).Items.ShouldAllBe(e => e.TargetName == name);

        await _portal.Get<KeyRevocation>().RevokeAsync(_cast.Alice with { Type = ActorType.ApiKey, Id = key.Id, Name = name }, (await _portal.KeyAsync(_cast.Alice)).Key.Id, RevocationReason.Unspecified);
        (await ListAsync(_cast.Audrey)).Items[0].ActorName.ShouldBe(name);
    }

    private Task SignInAsync() => _portal.SignInFullyAsync("alice@acme.example", new Origin("203.0.113.77", "Mosaic/1.0", "req_1"));

    private async Task<ResultPage<AuditView>> ListAsync(Actor actor, AuditFilter? filter = null) => (await _portal.Get<AuditReader>().ListAsync(actor, filter ?? new AuditFilter(), 100, null)).Value;

    private async Task<IEnumerable<long>> IndexesAsync(AuditFilter filter) => (await ListAsync(_cast.Audrey, filter)).Items.Select(e => e.Index);
}
