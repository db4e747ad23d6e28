using System.Text;
using KeyPortal.Access;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Access;

/// <summary>What a person does with the passkeys that are there.</summary>
public sealed class PasskeysTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private readonly SoftwareAuthenticator _passkey = new();
    private Cast _cast = null!;
    private Actor _alice = null!;
    private string _id = null!;

    private Passkeys Passkeys => _portal.Get<Passkeys>();

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        await _portal.WithoutAppAsync(_cast.Alice);
        await _portal.PasskeyAsync(_cast.Alice, _passkey, "Laptop");
        _alice = _cast.Alice with { SessionId = (await _portal.SessionAsync(_cast.Alice, SignInMethod.PasswordAndPasskey)).SessionId };
        _id = (await Passkeys.ListAsync(_alice)).Value.Single().Id;
    }

    public async ValueTask DisposeAsync()
    {
        _passkey.Dispose();
        await _portal.DisposeAsync();
    }

    [Fact]
    public async Task People_see_their_own_alone()
    {
        (await Passkeys.ListAsync(_alice)).Value.ShouldHaveSingleItem().ShouldBe(new PasskeyView(_id, "Laptop", TestClock.Start));
        (await Passkeys.ListAsync(_cast.Dora)).Value.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_renamed_passkey_is_recorded_once_with_both_names_apart()
    {
        (await Passkeys.RenameAsync(_alice, _id, "Old laptop")).Value.Name.ShouldBe("Old laptop");
        (await Passkeys.RenameAsync(_alice, _id, "Old laptop")).Refusal.ShouldBeNull();

        (await Passkeys.ListAsync(_alice)).Value.Single().Name.ShouldBe("Old laptop");
        var entry = (await _portal.EntriesAsync(_alice.MemberId)).Single(e => e.Action == "passkey.renamed");
        Encoding.UTF8.GetString(entry.Bytes).ShouldNotContain("aptop");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a\0b")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567891")]
    public async Task A_name_that_breaks_a_rule_is_refused(string name) =>
        (await Passkeys.RenameAsync(_alice, _id, name)).Refusal!.Errors.Single().Pointer.ShouldBe("/name");

    [Fact]
    public async Task A_removed_passkey_is_gone_with_the_other_sessions_and_the_recovery_codes()
    {
        var elsewhere = await _portal.SessionAsync(_cast.Alice);

        (await Passkeys.RemoveAsync(_alice, _id)).Refusal.ShouldBeNull();

        (await Passkeys.ListAsync(_alice)).Value.ShouldBeEmpty();
        (await _portal.Get<Sessions>().FindLiveAsync(elsewhere.SessionId, elsewhere.UserId)).ShouldBeNull();
        (await _portal.Get<Sessions>().FindLiveAsync(_alice.SessionId!, _alice.MemberId)).ShouldNotBeNull();
        (await _portal.EntriesAsync(_alice.MemberId)).Count(e => e.Action == "passkey.removed").ShouldBe(1);
        await using var db = _portal.OpenDb();
        (await db.Set<RecoveryCode>().AnyAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task Removing_wants_a_fresh_sign_in()
    {
        _portal.Clock.Advance(TimeSpan.FromMinutes(10));

        (await Passkeys.RemoveAsync(_alice, _id)).Refusal.ShouldBe(FactorChanges.NotFresh);

        (await Passkeys.ListAsync(_alice)).Value.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task The_last_second_factor_stays_where_an_organization_requires_one()
    {
        await _portal.Get<Writer>().RunAsync<bool>(async write =>
        {
            (await write.Set<Organization>().SingleAsync(o => o.Id == _cast.AcmeId)).SecondFactorRequired = true;
            return true;
        });

        (await Passkeys.RemoveAsync(_alice, _id)).Refusal!.Code.ShouldBe("second_factor_required");

        (await Passkeys.ListAsync(_alice)).Value.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Another_persons_passkey_does_not_exist()
    {
        var dora = _cast.Dora with { SessionId = (await _portal.SessionAsync(_cast.Dora)).SessionId };

        (await Passkeys.RenameAsync(dora, _id, "Mine")).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await Passkeys.RemoveAsync(dora, _id)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await Passkeys.RemoveAsync(dora, "%not base64url%")).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);

        (await Passkeys.ListAsync(_alice)).Value.Single().Name.ShouldBe("Laptop");
    }

    [Fact]
    public async Task A_key_never_touches_its_owners_passkeys()
    {
        var key = _alice with { Type = ActorType.ApiKey, Scopes = [.. OwnScopes.All], SessionId = null };

        (await Passkeys.ListAsync(key)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await Passkeys.RenameAsync(key, _id, "Mine")).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await Passkeys.RemoveAsync(key, _id)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
    }
}
