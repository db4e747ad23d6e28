using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;

namespace KeyPortal.Tests.Keys;

public sealed class KeyLimitTests
{
    [Fact]
    public async Task Of_fifty_keys_created_at_once_exactly_ten_are_made()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => CreateAsync(portal, cast.Dora, $"Key {i}"))));

        outcomes.Count(o => o.Refusal is null).ShouldBe(10);
        outcomes.Where(o => o.Refusal is not null).ShouldAllBe(o => o.Refusal!.Code == "key_limit_reached");
        (await portal.Get<KeyQueries>().CountAsync(cast.Dora)).Value.Total.ShouldBe(10);
        (await CreateAsync(portal, cast.Dan, "Another member's")).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Neither_revoked_nor_expired_keys_count_but_disabled_ones_do()
    {
        await using var portal = new Portal(("KeyPortal:Policy:KeysPerMember", "2"));
        var cast = await Cast.EnterAsync(portal);
        var one = (await CreateAsync(portal, cast.Dora, "One")).Value.Key;
        var two = (await CreateAsync(portal, cast.Dora, "Two", ExpiryInput.In(ExpiryChoice.Days30))).Value.Key;
        await portal.Get<KeySuspension>().DisableAsync(cast.Dora, two.Id);
        (await CreateAsync(portal, cast.Dora, "Three")).Refusal!.Kind.ShouldBe(RefusalKind.Conflict);

        await portal.Get<KeyRevocation>().RevokeAsync(cast.Dora, one.Id, RevocationReason.Superseded);
        (await CreateAsync(portal, cast.Dora, "Three")).Refusal.ShouldBeNull();

        portal.Clock.Advance(TimeSpan.FromDays(30));
        (await CreateAsync(portal, cast.Dora, "Four")).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task An_expired_key_brought_back_is_one_more()
    {
        await using var portal = new Portal(("KeyPortal:Policy:KeysPerMember", "1"));
        var cast = await Cast.EnterAsync(portal);
        var first = (await CreateAsync(portal, cast.Dora, "First", ExpiryInput.In(ExpiryChoice.Days30))).Value.Key;
        portal.Clock.Advance(TimeSpan.FromDays(31));
        var second = (await CreateAsync(portal, cast.Dora, "Second")).Value.Key;

        (await LengthenAsync()).Refusal!.Code.ShouldBe("key_limit_reached");
        (await portal.Get<KeyEditing>().EditAsync(cast.Dora, first.Id, i => i with { Name = "Still expired" })).Value.Status.ShouldBe(KeyStatus.Expired);

        await portal.Get<KeyRevocation>().RevokeAsync(cast.Dora, second.Id, RevocationReason.Superseded);
        (await LengthenAsync()).Value.Status.ShouldBe(KeyStatus.Active);
        Task<Outcome<KeyView>> LengthenAsync() => portal.Get<KeyEditing>().EditAsync(cast.Dora, first.Id, i => i with { Expiry = ExpiryInput.In(ExpiryChoice.Year1) });
    }

    [Fact]
    public async Task Of_fifty_keys_created_at_once_none_outlives_the_longest_lifetime()
    {
        await using var portal = new Portal(("KeyPortal:Policy:MaxLifetimeSeconds", "86400"), ("KeyPortal:Policy:KeysPerMember", "100"));
        var cast = await Cast.EnterAsync(portal);
        var day = portal.Clock.Now.AddSeconds(86400);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => CreateAsync(portal, cast.Dora, "Short", ExpiryInput.On(day.AddMilliseconds(i % 2))))));

        outcomes.Count(o => o.Refusal is null).ShouldBe(25);
        outcomes.Where(o => o.Refusal is null).ShouldAllBe(o => o.Value.Key.ExpiresAt == day);
        outcomes.Where(o => o.Refusal is not null).ShouldAllBe(o => o.Refusal!.Errors[0].Pointer == "/expires_at");
        (await CreateAsync(portal, cast.Dora, "Never", ExpiryInput.In(ExpiryChoice.Never))).Refusal!.Errors[0].Pointer.ShouldBe("/expires_in");

        portal.Clock.Advance(TimeSpan.FromHours(1));
        var edited = await portal.Get<KeyEditing>().EditAsync(cast.Dora, outcomes.First(o => o.Refusal is null).Value.Key.Id, i => i with { Expiry = ExpiryInput.On(day.AddHours(1)) });
        edited.Refusal!.Errors.ShouldHaveSingleItem().Detail.ShouldContain("24 hours");
    }

    [Fact]
    public async Task Validity_begins_and_ends_on_the_millisecond()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var (begins, ends) = (portal.Clock.Now.AddHours(1), portal.Clock.Now.AddHours(2));
        var key = await portal.KeyAsync(cast.Alice, with: i => i with { NotBefore = begins, Expiry = ExpiryInput.On(ends) });
        foreach (var (at, code) in new[]
        {
            (begins.AddMilliseconds(-1), ValidationCode.NotYetValid), (begins, ValidationCode.Valid), (begins.AddMilliseconds(1), ValidationCode.Valid),
            (ends.AddMilliseconds(-1), ValidationCode.Valid), (ends, ValidationCode.Expired), (ends.AddMilliseconds(1), ValidationCode.Expired),
        })
        {
            portal.Clock.Set(at);
            foreach (var fresh in (bool[])[false, true])
            {
                (await portal.Get<KeyValidator>().ValidateAsync(cast.AcmeId, new ValidationRequest { Key = key.Plaintext.Expose(), Fresh = fresh })).Code.ShouldBe(code, $"{at:O}");
            }

            (await portal.Get<KeyQueries>().FindAsync(cast.Alice, key.Key.Id)).Value.Status.ShouldBe(code == ValidationCode.Expired ? KeyStatus.Expired : KeyStatus.Active);
        }
    }

    private static Task<Outcome<IssuedKey>> CreateAsync(Portal portal, Actor actor, string name, ExpiryInput? expiry = null) =>
        portal.Get<KeyIssuance>().CreateAsync(actor, new KeyInput { Name = name, Expiry = expiry ?? default }, KeyType.Secret, KeyEnvironment.Test);
}
