using KeyPortal.Keys;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Usage;

public sealed class LastUsesTests
{
    [Fact]
    public async Task The_newest_valid_use_is_on_the_record_and_its_revision_unchanged()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = (await portal.KeyAsync(cast.Alice)).Key;
        var before = await ReadAsync(portal, key.Id);
        Use(portal, key, ValidationCode.Valid, "198.51.100.1");
        portal.Clock.Advance(TimeSpan.FromSeconds(90));
        Use(portal, key, ValidationCode.Valid, "198.51.100.2");
        var used = portal.Clock.Now;
        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        Use(portal, key, ValidationCode.InsufficientScope, "198.51.100.3");

        (await portal.Get<LastUses>().WriteAsync()).ShouldBeTrue();

        var after = await ReadAsync(portal, key.Id);
        (after.LastUsedAt, after.LastUsedIp, after.Revision).ShouldBe((used, "198.51.100.2", before.Revision));
        before.LastUsedAt.ShouldBeNull();
    }

    [Fact]
    public async Task A_use_that_arrives_late_does_not_move_it_back()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = (await portal.KeyAsync(cast.Alice)).Key;
        var recorder = portal.Get<UsageRecorder>();
        var now = portal.Clock.Now;
        recorder.Touch(cast.AcmeId, key.Id, 1, now, "198.51.100.2");
        await portal.Get<LastUses>().WriteAsync();
        recorder.Touch(cast.AcmeId, key.Id, 1, now.AddMinutes(-1), "198.51.100.1");
        await portal.Get<LastUses>().WriteAsync();

        (await ReadAsync(portal, key.Id)).LastUsedIp.ShouldBe("198.51.100.2");
    }

    [Fact]
    public async Task A_management_call_moves_it_and_counts_no_validation()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = (await portal.KeyAsync(cast.Alice)).Key;
        portal.Get<UsageRecorder>().Touch(cast.AcmeId, key.Id, 1, portal.Clock.Now, "2001:db8::1");

        await portal.Get<LastUses>().WriteAsync();

        (await ReadAsync(portal, key.Id)).LastUsedAt.ShouldBe(portal.Clock.Now);
        (await portal.Get<UsageQueries>().SummaryAsync(cast.Alice, UsagePeriod.Hours24)).Value.Current.Calls.ShouldBe(0);
    }

    [Fact]
    public async Task What_a_caller_sends_as_an_address_and_is_none_is_not_kept()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = (await portal.KeyAsync(cast.Alice)).Key;
        Use(portal, key, ValidationCode.Valid, "<script>");
        await portal.Get<LastUses>().WriteAsync();
        (await ReadAsync(portal, key.Id)).LastUsedIp.ShouldBeNull();
    }

    [Fact]
    public async Task More_keys_than_fit_one_transaction_are_all_written_and_a_failure_in_between_is_made_good()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var ids = await portal.ManyKeysAsync(cast.Alice, LastUses.AtOnce + 100);
        foreach (var id in ids)
        {
            portal.Get<UsageRecorder>().Touch(cast.AcmeId, id, 1, portal.Clock.Now, null);
        }

        await using (var db = portal.OpenDb())
        {
            await db.Database.ExecuteSqlRawAsync("CREATE TRIGGER full BEFORE UPDATE ON api_keys BEGIN SELECT RAISE(ABORT, 'no room'); END");
            (await portal.Get<LastUses>().WriteAsync()).ShouldBeFalse();
            await db.Database.ExecuteSqlRawAsync("DROP TRIGGER full");
        }

        (await portal.Get<LastUses>().WriteAsync()).ShouldBeTrue();

        await using var read = portal.OpenDb();
        (await read.Set<ApiKey>().CountAsync(k => k.LastUsedAt == portal.Clock.Now)).ShouldBe(ids.Count);
    }

    private static void Use(Portal portal, KeyView key, ValidationCode code, string ip) =>
        portal.Get<UsageRecorder>().Record(new UsageEvent(portal.Clock.Now, key.OrganizationId, key.Id, 1, code, ip, TimeSpan.Zero));

    private static async Task<ApiKey> ReadAsync(Portal portal, string keyId)
    {
        await using var db = portal.OpenDb();
        return await db.Set<ApiKey>().AsNoTracking().SingleAsync(k => k.Id == keyId);
    }
}
