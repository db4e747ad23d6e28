using KeyPortal.Keys;
using KeyPortal.Keys.Policies;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;

namespace KeyPortal.Tests.Keys.Policies;

/// <summary>A policy harms no key that is there. One that has expired is not there any more: brought back, it comes under the policy of that day.</summary>
public sealed class RevivedRightsTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private Task<IssuedKey> ShortLivedAsync(KeyEnvironment environment = KeyEnvironment.Live) =>
        _portal.KeyAsync(_cast.Dora, environment: environment, with: i => i with { Scopes = ["triggers:*"], Expiry = ExpiryInput.On(_portal.Clock.Now.AddHours(1)) });

    private Task<Outcome<KeyView>> ProlongAsync(IssuedKey key) => _portal.Get<KeyEditing>().EditAsync(_cast.Dora, key.Key.Id, i => i with { Expiry = ExpiryInput.In(ExpiryChoice.Days30) });

    private Task<Outcome<IssuedKey>> RotateAsync(IssuedKey key) => _portal.Get<KeyRotation>().RotateAsync(_cast.Dora, key.Key.Id, new RotationInput());

    [Fact]
    public async Task An_expired_key_does_not_come_back_with_what_needs_approval_by_now()
    {
        var key = await ShortLivedAsync();
        await _portal.ApprovalAsync(_cast.Alice, "triggers:write");
        _portal.Clock.Advance(TimeSpan.FromHours(1));

        (await ProlongAsync(key)).Refusal!.Code.ShouldBe("approval_required");
        (await RotateAsync(key)).Refusal!.Code.ShouldBe("approval_required");

        (await _portal.CodeOfAsync(_cast, key)).ShouldBe(ValidationCode.Expired);
        (await _portal.Get<KeyEditing>().EditAsync(_cast.Dora, key.Key.Id, i => i with { Name = "For the record" })).Refusal.ShouldBeNull("it stays expired");
        (await _portal.Get<KeyEditing>().EditAsync(_cast.Dora, key.Key.Id, i => i with { Scopes = ["triggers:read"], Expiry = ExpiryInput.In(ExpiryChoice.Days30) })).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task One_whose_tier_has_gone_does_not_come_back_without_its_limits()
    {
        var key = await _portal.KeyAsync(_cast.Dora, with: i => i with { Tier = "free", Expiry = ExpiryInput.On(_portal.Clock.Now.AddHours(1)) });
        _portal.Clock.Advance(TimeSpan.FromHours(1));
        (await _portal.Get<TierEditing>().EditAsync(_cast.Alice, list => list with { Tiers = [.. list.Tiers.Where(t => t!.Name != "free")] })).Refusal.ShouldBeNull();

        (await ProlongAsync(key)).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/tier");
        (await RotateAsync(key)).Refusal!.Code.ShouldBe("renewal_not_allowed");

        (await _portal.CodeOfAsync(_cast, key)).ShouldBe(ValidationCode.Expired);
        (await _portal.Get<KeyEditing>().EditAsync(_cast.Dora, key.Key.Id, i => i with { Tier = "standard", Expiry = ExpiryInput.In(ExpiryChoice.Days30) })).Refusal.ShouldBeNull();
        (await RotateAsync(key)).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task One_in_use_lives_on_and_longer_and_one_that_was_approved_comes_back()
    {
        var inUse = await ShortLivedAsync();
        var test = await ShortLivedAsync(KeyEnvironment.Test);
        await _portal.ApprovalAsync(_cast.Alice, "triggers:write");
        var approved = await ShortLivedAsync();
        (await _portal.Get<KeyApproval>().ApproveAsync(_cast.Andy, approved.Key.Id)).Refusal.ShouldBeNull();
        (await ProlongAsync(inUse)).Refusal.ShouldBeNull();
        _portal.Clock.Advance(TimeSpan.FromHours(1));

        (await ProlongAsync(approved)).Refusal.ShouldBeNull();
        (await RotateAsync(test)).Refusal.ShouldBeNull();
        (await _portal.CodeOfAsync(_cast, approved)).ShouldBe(ValidationCode.Valid);
    }
}
