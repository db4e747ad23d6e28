using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Keys;

public sealed class KeyListTests
{
    [Theory]
    [InlineData(KeySort.CreatedAt)]
    [InlineData(KeySort.Name)]
    [InlineData(KeySort.LastUsedAt)]
    [InlineData(KeySort.ExpiresAt)]
    public async Task Paging_shows_every_key_once_in_order_though_others_are_made_meanwhile(KeySort sort)
    {
        await using var portal = new Portal(("KeyPortal:Policy:KeysPerMember", "1000"));
        var cast = await Cast.EnterAsync(portal);
        var far = DateTimeOffset.MaxValue.AddDays(-1);
        ExpiryInput[] expiries = [ExpiryInput.In(ExpiryChoice.Never), ExpiryInput.In(ExpiryChoice.Days30), ExpiryInput.On(far), ExpiryInput.On(far.AddDays(-100)), ExpiryInput.On(far.AddDays(-100))];
        for (var i = 0; i < 23; i++)
        {
            var key = await portal.KeyAsync(cast.Alice, $"Name {i % 4}", with: k => k with { Expiry = expiries[i % expiries.Length] });
            await TouchAsync(portal, key.Key.Id, i % 3 == 0 ? null : TestClock.Start.AddMinutes(i % 5));
            portal.Clock.Advance(TimeSpan.FromMilliseconds(i % 2));
        }

        foreach (var descending in (bool[])[false, true])
        {
            var filter = new KeyFilter { Sort = sort, Descending = descending };
            var before = (await portal.Get<KeyQueries>().ListAsync(cast.Alice, filter, 200, null)).Value.Items.Select(k => k.Id).ToList();
            List<KeyView> seen = [];
            string? cursor = null;
            do
            {
                var page = (await portal.Get<KeyQueries>().ListAsync(cast.Alice, filter, 4, cursor)).Value;
                page.Items.Count.ShouldBeInRange(1, 4);
                seen.AddRange(page.Items);
                cursor = page.NextCursor;
                await portal.KeyAsync(cast.Alice, $"Name {seen.Count % 4}", with: k => k with { Expiry = expiries[seen.Count % expiries.Length] });
                seen.Count.ShouldBeLessThan(60);
            }
            while (cursor is not null);

            seen.Select(k => k.Id).Distinct().Count().ShouldBe(seen.Count);
            seen.Select(k => k.Id).Where(before.Contains).ShouldBe(before);
            var values = seen.Select(k => Value(k, sort)).ToList();
            values.ShouldBe(descending ? [.. values.OrderDescending(StringComparer.Ordinal)] : [.. values.Order(StringComparer.Ordinal)]);
        }

        static string Value(KeyView key, KeySort sort) => sort switch
        {
            KeySort.Name => key.Name,
            KeySort.LastUsedAt => key.LastUsedAt?.ToString("O") ?? "",
            KeySort.ExpiresAt => key.ExpiresAt?.ToString("O") ?? "~",
            _ => key.CreatedAt.ToString("O"),
        };
    }

    [Fact]
    public async Task A_cursor_that_no_list_answered_with_is_refused()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        string[] cursors = ["", "x", new Cursor("soon", "key_1").Encode(), new Cursor("99999999999999999999", "key_1").Encode()];
        foreach (var cursor in cursors)
        {
            (await portal.Get<KeyQueries>().ListAsync(cast.Alice, new KeyFilter(), 10, cursor)).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/cursor");
        }

        foreach (var odd in (string[])["-5", long.MaxValue.ToString(), long.MinValue.ToString()])
        {
            (await portal.Get<KeyQueries>().ListAsync(cast.Alice, new KeyFilter(), 10, new Cursor(odd, "\0'").Encode())).Refusal.ShouldBeNull();
        }
    }

    [Theory]
    [InlineData("ÄPFEL")]
    [InlineData("äpfel")]
    [InlineData("ünïcode")]
    [InlineData("ÜNÏCODE")]
    [InlineData("שלום")]
    [InlineData("مفتاح")]
    [InlineData("ключ")]
    [InlineData("КЛЮЧ")]
    [InlineData("鍵")]
    [InlineData("🔑")]
    [InlineData("100%")]
    [InlineData("a_b")]
    [InlineData("[x]")]
    [InlineData("it's \"quoted\"")]
    [InlineData("back\\slash")]
    [InlineData("  äpfel  ")]
    public async Task A_search_finds_any_script_in_any_case_and_takes_wildcards_literally(string search)
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var found = (await portal.KeyAsync(cast.Alice, "Äpfel Ünïcode שלום مفتاح 鍵🔑", with: i => i with { Description = "Ключ 100% a_b [x] it's \"quoted\" back\\slash" })).Key;
        await portal.KeyAsync(cast.Alice, "Apfel 100 a.b axb x its quoted");
        (await FindAsync(portal, cast.Alice, search)).ShouldBe([found.Id]);
    }

    [Theory]
    [InlineData("%")]
    [InlineData("_%")]
    [InlineData("*")]
    [InlineData("?")]
    [InlineData("' OR 1=1 --")]
    [InlineData("\0")]
    public async Task A_wildcard_finds_nothing_where_it_does_not_stand(string search)
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        await portal.KeyAsync(cast.Alice, "Plain");
        (await FindAsync(portal, cast.Alice, search)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_search_finds_starts_and_owners()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var (alices, doras) = ((await portal.KeyAsync(cast.Alice, "One")).Key, (await portal.KeyAsync(cast.Dora, "Two")).Key);
        (await FindAsync(portal, cast.Andy, alices.Start)).ShouldBe([alices.Id]);
        (await FindAsync(portal, cast.Andy, "DORA")).ShouldBe([doras.Id]);
        (await FindAsync(portal, cast.Andy, "   ")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Each_filter_keeps_what_it_says()
    {
        await using var portal = new Portal(("KeyPortal:Policy:KeysPerMember", "100"));
        var cast = await Cast.EnterAsync(portal);
        var plain = (await portal.KeyAsync(cast.Alice, "Plain")).Key.Id;
        var live = (await portal.KeyAsync(cast.Alice, "Live", environment: KeyEnvironment.Live)).Key.Id;
        var open = (await portal.KeyAsync(cast.Andy, "Open", KeyType.Publishable, with: i => i with { Scopes = ["triggers:read"] })).Key.Id;
        var wild = (await portal.KeyAsync(cast.Andy, "Wild", with: i => i with { Scopes = ["triggers:*", "events:read"] })).Key.Id;
        var shortLived = (await portal.KeyAsync(cast.Dora, "Short", with: i => i with { Expiry = ExpiryInput.On(TestClock.Start.AddMinutes(1)) })).Key.Id;
        var disabled = (await portal.KeyAsync(cast.Dora, "Disabled")).Key.Id;
        var revoked = (await portal.KeyAsync(cast.Dan, "Revoked")).Key.Id;
        await portal.Get<KeySuspension>().DisableAsync(cast.Alice, disabled);
        await portal.Get<KeySuspension>().DisableAsync(cast.Alice, revoked);
        await portal.Get<KeyRevocation>().RevokeAsync(cast.Alice, revoked, RevocationReason.Unspecified);
        await TouchAsync(portal, live, TestClock.Start);
        portal.Clock.Advance(TimeSpan.FromMinutes(1));

        async Task Shows(KeyFilter filter, params string[] ids)
        {
            var page = (await portal.Get<KeyQueries>().ListAsync(cast.Audrey, filter, 200, null)).Value;
            page.Items.Select(k => k.Id).Order().ShouldBe(ids.Order());
            page.Total.ShouldBe(ids.Length);
        }

        await Shows(new KeyFilter(), plain, live, open, wild, shortLived, disabled, revoked);
        await Shows(new KeyFilter { Status = KeyStatus.Active }, plain, live, open, wild);
        await Shows(new KeyFilter { Status = KeyStatus.Expired }, shortLived);
        await Shows(new KeyFilter { Status = KeyStatus.Disabled }, disabled);
        await Shows(new KeyFilter { Status = KeyStatus.Revoked }, revoked);
        await Shows(new KeyFilter { Environment = KeyEnvironment.Live }, live);
        await Shows(new KeyFilter { Type = KeyType.Publishable }, open);
        await Shows(new KeyFilter { OwnerId = cast.Dora.Id }, shortLived, disabled);
        await Shows(new KeyFilter { Scope = Scope.Parse("triggers:read") }, open, wild);
        await Shows(new KeyFilter { Scope = Scope.Parse("triggers:*") }, wild);
        await Shows(new KeyFilter { Scope = Scope.Parse("events:read") }, wild);
        await Shows(new KeyFilter { Scope = Scope.Parse("ents:read") });
        await Shows(new KeyFilter { ExpiresBefore = TestClock.Start.AddMinutes(1) });
        await Shows(new KeyFilter { ExpiresBefore = TestClock.Start.AddMinutes(2) }, shortLived);
        await Shows(new KeyFilter { LastUsedBefore = TestClock.Start }, plain, open, wild, shortLived, disabled, revoked);
        (await portal.Get<KeyQueries>().CountAsync(cast.Audrey)).Value.ShouldBe(new KeyCounts(7, 4, 0, 7));
    }

    [Fact]
    public async Task A_developer_sees_their_own_keys_and_nobody_sees_another_organizations()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var (doras, dans) = ((await portal.KeyAsync(cast.Dora)).Key.Id, (await portal.KeyAsync(cast.Dan)).Key.Id);
        var queries = portal.Get<KeyQueries>();
        (await FindAsync(portal, cast.Dora, null)).ShouldBe([doras]);
        (await FindAsync(portal, cast.Dora, "Dan")).ShouldBeEmpty();
        (await queries.ListAsync(cast.Dora, new KeyFilter { OwnerId = cast.Dan.Id }, 10, null)).Value.Items.ShouldBeEmpty();
        (await queries.FindManyAsync(cast.Dora, [doras, dans])).Select(k => k.Id).ShouldBe([doras]);
        (await queries.CountAsync(cast.Dora)).Value.Total.ShouldBe(1);
        (await queries.FindAsync(cast.Dora, dans)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await FindAsync(portal, cast.Olaf, null)).ShouldBeEmpty();
        (await FindAsync(portal, cast.Alice, null)).Count.ShouldBe(2);
    }

    private static async Task<List<string>> FindAsync(Portal portal, Actor actor, string? search) =>
        [.. (await portal.Get<KeyQueries>().ListAsync(actor, new KeyFilter { Search = search }, 50, null)).Value.Items.Select(k => k.Id)];

    private static async Task TouchAsync(Portal portal, string keyId, DateTimeOffset? at)
    {
        await using var db = portal.OpenDb();
        await db.Set<ApiKey>().Where(k => k.Id == keyId).ExecuteUpdateAsync(s => s.SetProperty(k => k.LastUsedAt, at));
    }
}
