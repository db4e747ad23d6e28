using System.Security.Cryptography;
using System.Text;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Keys.Imports;

/// <summary>
/// A publishable key is on a web page, and a customer knows the key they were given. Whoever knows a key knows its hashes, and anybody can begin an
/// organization and import them there. The key must go on being its owner's.
/// </summary>
public sealed class TakenPlaceTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private static string Sha512Of(string key) => Convert.ToHexStringLower(SHA512.HashData(Encoding.ASCII.GetBytes(key)));

    private async Task LosePepperAsync()
    {
        await using var db = _portal.OpenDb();
        foreach (var secret in await db.Set<KeySecret>().ToListAsync())
        {
            (secret.PepperId, secret.LookupHash) = ("0000-lost", RandomNumberGenerator.GetBytes(32));
        }

        await db.SaveChangesAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_key_of_ours_stays_its_owners_though_a_stranger_has_imported_its_hash(bool isPepperLost)
    {
        var key = await _portal.KeyAsync(_cast.Alice, type: KeyType.Publishable);
        await _portal.ImportOneAsync(_cast.Olaf, Imported.ItemOf(key.Plaintext.Expose()));
        if (isPepperLost)
        {
            await LosePepperAsync();
        }

        (await _portal.ValidateAsync(_cast.AcmeId, key.Plaintext.Expose(), fresh: true)).Key!.KeyId.ShouldBe(key.Key.Id);
        (await _portal.ValidateAsync(_cast.UmbraId, key.Plaintext.Expose(), fresh: true)).Code.ShouldBe(ValidationCode.NotFound);
    }

    [Fact]
    public async Task Of_two_imports_of_one_key_under_different_hashes_the_first_has_it()
    {
        for (var i = 0; i < 8; i++)
        {
            var key = $"legacy-publishable-{i:0000}";
            var (first, second) = i % 2 == 0 ? (Imported.ItemOf(key), Imported.Item("sha512", Sha512Of(key))) : (Imported.Item("sha512", Sha512Of(key)), Imported.ItemOf(key));
            var id = await _portal.ImportOneAsync(_cast.Alice, first);
            _portal.Clock.Advance(TimeSpan.FromMilliseconds(1));
            await _portal.ImportOneAsync(_cast.Olaf, second);

            (await _portal.ValidateAsync(_cast.AcmeId, key)).Key?.KeyId.ShouldBe(id, key);
            (await _portal.ValidateAsync(_cast.AcmeId, key)).Code.ShouldBe(ValidationCode.Valid, key);
        }
    }

    [Fact]
    public async Task A_revoked_key_that_was_never_used_does_not_come_back_under_another_hash()
    {
        var id = await _portal.ImportOneAsync(_cast.Alice, Imported.ItemOf(Imported.Key));
        (await _portal.Get<KeyRevocation>().RevokeAsync(_cast.Alice, id, RevocationReason.KeyCompromise)).Refusal.ShouldBeNull();
        _portal.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await _portal.ImportOneAsync(_cast.Alice, Imported.Item("sha512", Imported.Sha512));

        (await _portal.ValidateAsync(_cast.AcmeId, Imported.Key)).Code.ShouldBe(ValidationCode.Revoked);
    }

    [Fact]
    public async Task An_imported_key_hands_on_nothing_that_its_importer_lacks_and_changes_nothing_about_itself()
    {
        var item = Imported.ItemOf(Imported.Key);
        var id = await _portal.ImportOneAsync(_cast.Alice, item with { Input = item.Input with { Scopes = ["api-keys:manage"] } });
        var acting = (await _portal.Get<CallerAuthentication>().AuthenticateAsync(Imported.Key, Origin.None)).Value.Actor;

        (await _portal.Get<KeyEditing>().EditAsync(acting, id, i => i with { Scopes = ["api-keys:*"] })).Refusal!.Code.ShouldBe("own_credential");
        var wide = Imported.ItemOf("another-legacy-key");
        foreach (var scope in (string[])["audit:read", "audit:*", "api-keys:*", "agents:manage"])
        {
            (await _portal.ImportAsync(acting, wide with { Input = wide.Input with { Scopes = [scope] } })).Single().Refusal!.Code.ShouldBe("scope_not_grantable", scope);
        }
    }
}
