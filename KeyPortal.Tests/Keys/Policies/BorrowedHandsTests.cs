using KeyPortal.Keys;
using KeyPortal.Keys.Policies;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;

namespace KeyPortal.Tests.Keys.Policies;

/// <summary>An admin may rotate a colleague's key, and holds its secret then. That must not make two people of one.</summary>
public sealed class BorrowedHandsTests : IAsyncLifetime
{
    private readonly Portal _portal = new(("KeyPortal:Policy:KeysPerMember", "1000"));
    private Cast _cast = null!;
    private IssuedKey _alices = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        await _portal.ApprovalAsync(_cast.Alice, "triggers:write");
        _alices = await _portal.KeyAsync(_cast.Alice, "Alice's automation", environment: KeyEnvironment.Live, with: i => i with { Scopes = ["api-keys:manage", "triggers:read"] });
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    /// <summary>Whoever holds the key acts as its owner, as far as anybody can tell from the call.</summary>
    private async Task<Actor> ActingAsync(IssuedKey key) => (await _portal.Get<CallerAuthentication>().AuthenticateAsync(key.Plaintext.Expose(), Origin.None)).Value.Actor;

    private async Task<Actor> TakenByAndyAsync() => await ActingAsync((await _portal.Get<KeyRotation>().RotateAsync(_cast.Andy, _alices.Key.Id, new RotationInput())).Value);

    private Task<Outcome<KeyView>> ApproveAsync(Actor actor, IssuedKey key) => _portal.Get<KeyApproval>().ApproveAsync(actor, key.Key.Id);

    [Fact]
    public async Task Who_rotated_a_colleagues_key_does_not_approve_with_it_what_they_asked_for()
    {
        var wanted = await _portal.LiveKeyAsync(_cast.Andy, "triggers:write");

        (await ApproveAsync(await TakenByAndyAsync(), wanted)).Refusal.ShouldBe(KeyApproval.OwnRequest);

        (await _portal.CodeOfAsync(_cast, wanted)).ShouldBe(ValidationCode.NotYetValid);
        (await ApproveAsync(_cast.Alice, wanted)).Value.Status.ShouldBe(KeyStatus.Active);
    }

    [Fact]
    public async Task Who_asks_with_a_colleagues_key_has_asked_as_well_as_the_colleague()
    {
        var wanted = await _portal.LiveKeyAsync(await TakenByAndyAsync(), "triggers:write");

        (await ApproveAsync(_cast.Andy, wanted)).Refusal.ShouldBe(KeyApproval.OwnRequest);
        (await ApproveAsync(_cast.Alice, wanted)).Refusal.ShouldBe(KeyApproval.OwnRequest);
        (await _portal.Get<KeyApproval>().WaitingAsync(_cast.Andy, 10)).Value.ShouldBeEmpty();
    }

    [Fact]
    public async Task Nor_does_a_key_that_was_made_with_such_a_key()
    {
        var wanted = await _portal.LiveKeyAsync(_cast.Andy, "triggers:write");
        var another = await _portal.KeyAsync(await TakenByAndyAsync(), "One more", with: i => i with { Scopes = ["api-keys:manage"] });

        (await ApproveAsync(await ActingAsync(another), wanted)).Refusal.ShouldBe(KeyApproval.OwnRequest);
    }

    [Fact]
    public async Task A_key_that_nobody_else_was_told_approves_for_its_owner()
    {
        var wanted = await _portal.LiveKeyAsync(_cast.Andy, "triggers:write");

        (await ApproveAsync(await ActingAsync(_alices), wanted)).Value.Status.ShouldBe(KeyStatus.Active);
    }
}
