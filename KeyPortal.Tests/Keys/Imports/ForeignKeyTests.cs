using KeyPortal.Keys;
using KeyPortal.Keys.Imports;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Keys.Imports;

/// <summary>Keys of other vendors, presented to an instance that holds some, and to one that does not.</summary>
public sealed class ForeignKeyTests : IAsyncLifetime
{
    private readonly Portal _portal = new(("KeyPortal:Import:HmacKeys:legacy", Imported.HmacKey));
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private async Task<ValidationCode> CodeAsync(string key) => (await _portal.ValidateAsync(_cast.AcmeId, key)).Code;

    [Theory]
    [InlineData("sha256", Imported.Key, Imported.Sha256, null, null)]
    [InlineData("sha512", Imported.Key, Imported.Sha512, "legacy_live_Zk3vQ9", null)]
    [InlineData("hmac-sha256", Imported.Key, Imported.HmacSha256, null, "legacy")]
    [InlineData("bcrypt", Imported.Key, Imported.Bcrypt, "legacy_live_Zk3vQ9", null)]
    [InlineData("bcrypt", Imported.BcryptYKey, Imported.BcryptY, "legacy_l", null)]
    [InlineData("argon2id", Imported.Argon2Key, Imported.Argon2id, "legacy_live_Ab5cD6", null)]
    [InlineData("argon2id", Imported.FourLanesKey, Imported.FourLanes, "legacy_live_", null)]
    public async Task A_key_is_valid_by_a_hash_that_another_program_made_and_indexed_by_its_first_use(string algorithm, string key, string hash, string? start, string? keyId)
    {
        (await CodeAsync(key)).ShouldBe(ValidationCode.Malformed);
        var id = await _portal.ImportOneAsync(_cast.Alice, Imported.Item(algorithm, hash, start, keyId: keyId));
        (await SecretAsync(id)).LookupHash.ShouldBeNull();

        (await CodeAsync(key[..^1])).ShouldBe(ValidationCode.NotFound);
        (await CodeAsync(key + "x")).ShouldBe(ValidationCode.NotFound);
        (await CodeAsync(hash)).ShouldBe(ValidationCode.NotFound);
        (await SecretAsync(id)).LookupHash.ShouldBeNull("nobody has used it yet");
        var result = await _portal.ValidateAsync(_cast.AcmeId, key);

        (result.Code, result.Key!.KeyId).ShouldBe((ValidationCode.Valid, id));
        PresentedKey.TryRead(key, foreignToo: true, out var presented).ShouldBeTrue();
        var secret = await SecretAsync(id);
        secret.LookupHash.ShouldBe(_portal.Get<Pepper>().HashOf(presented).ToArray());
        secret.PepperId.ShouldBe(_portal.Get<Pepper>().Id);
        (await _portal.ValidateAsync(_cast.AcmeId, key, fresh: true)).Code.ShouldBe(ValidationCode.Valid);
        (await _portal.ValidateAsync(_cast.UmbraId, key)).Code.ShouldBe(ValidationCode.NotFound, "another organization's");
    }

    [Fact]
    public async Task Where_nothing_was_imported_a_foreign_form_is_malformed_and_afterwards_not_found()
    {
        (await CodeAsync("somebody-elses-key")).ShouldBe(ValidationCode.Malformed);
        await _portal.ImportOneAsync(_cast.Alice, Imported.ItemOf(Imported.Key));

        (await CodeAsync("somebody-elses-key")).ShouldBe(ValidationCode.NotFound);
        foreach (var text in (string[])["", "1234567", "with a blank", "käse-käse", "tab\tbed-key", new('x', 513)])
        {
            (await CodeAsync(text)).ShouldBe(ValidationCode.Malformed, text);
        }

        (await CodeAsync(new string('x', 512))).ShouldBe(ValidationCode.NotFound);
    }

    [Fact]
    public async Task A_restart_knows_that_there_are_imported_keys()
    {
        await using var first = new Portal { KeepsData = true };
        var cast = await Cast.EnterAsync(first);
        await first.ImportOneAsync(cast.Alice, Imported.Item("bcrypt", Imported.Bcrypt, "legacy_live_Zk3vQ9"));
        await first.DisposeAsync();

        await using var second = new Portal(("KeyPortal:DataDirectory", first.DataDirectory));

        (await second.ValidateAsync(cast.AcmeId, Imported.Key)).Code.ShouldBe(ValidationCode.Valid);
    }

    [Fact]
    public async Task Another_vendors_key_may_look_like_ours_with_another_checksum()
    {
        const string Lookalike = "sk_live_0123456789ABCDEFGHIJKLMNOP000000";
        PlaintextKey.TryParse(Lookalike, out _).ShouldBeFalse();
        var id = await _portal.ImportOneAsync(_cast.Alice, Imported.ItemOf(Lookalike));

        (await _portal.ValidateAsync(_cast.AcmeId, Lookalike)).Key!.KeyId.ShouldBe(id);
        (await CodeAsync("sk_live_0123456789ABCDEFGHIJKLMNOP000001")).ShouldBe(ValidationCode.NotFound);
    }

    [Fact]
    public async Task A_key_asked_for_just_before_its_import_is_known_the_moment_it_is_there()
    {
        await _portal.ImportOneAsync(_cast.Alice, Imported.ItemOf("another-legacy-key-0001"));
        (await CodeAsync(Imported.Key)).ShouldBe(ValidationCode.NotFound);

        await _portal.ImportOneAsync(_cast.Alice, Imported.Item("sha256", Imported.Sha256));

        (await CodeAsync(Imported.Key)).ShouldBe(ValidationCode.Valid);
    }

    [Fact]
    public async Task An_imported_key_tells_who_it_is_and_calls_the_API_while_a_publishable_one_only_tells()
    {
        var scopes = OwnScopes.All.Select(s => s.Value).ToList();
        var secret = Imported.ItemOf(Imported.Key);
        await _portal.ImportOneAsync(_cast.Alice, secret with { Input = secret.Input with { Scopes = scopes } });
        await _portal.ImportOneAsync(_cast.Alice, Imported.ItemOf("legacy-publishable-key") with { Type = KeyType.Publishable });
        var callers = _portal.Get<CallerAuthentication>();

        (await callers.AuthenticateAsync(Imported.Key, Origin.None)).Value.Actor.MemberId.ShouldBe(_cast.Alice.MemberId);
        (await callers.AuthenticateAsync("legacy-publishable-key", Origin.None)).Refusal.ShouldBe(CallerAuthentication.Unauthenticated);
        foreach (var key in (string[])[Imported.Key, "legacy-publishable-key"])
        {
            (await _portal.Get<KeyValidator>().IdentifyAsync(new ValidationRequest { Key = key })).Code.ShouldBe(ValidationCode.Valid);
        }
    }

    [Fact]
    public async Task A_start_that_leaves_less_than_eight_characters_unread_opens_nothing()
    {
        // Its start would be the key: whoever sees a list of keys would hold it.
        await _portal.ImportOneAsync(_cast.Alice, Imported.ItemOf("legacy_key_0123") with { Start = "legacy_k" });
        await _portal.ImportOneAsync(_cast.Alice, Imported.ItemOf("legacy_key_01234") with { Start = "legacy_k" });

        (await CodeAsync("legacy_key_0123")).ShouldBe(ValidationCode.NotFound);
        (await CodeAsync("legacy_key_01234")).ShouldBe(ValidationCode.Valid);
    }

    [Fact]
    public async Task A_longer_key_than_bcrypt_takes_in_is_not_found_by_its_beginning()
    {
        // bcryptjs.hashSync("legacy_live_" + "x".repeat(70), 4)
        const string Hash = "$2b$04$cquuovVv4Gucyh4GdC29L.BZvc.X3r90eeskC05a8t6sR0uuPm0vW";
        await _portal.ImportOneAsync(_cast.Alice, Imported.Item("bcrypt", Hash, "legacy_live_xxxxxx"));

        (await CodeAsync("legacy_live_" + new string('x', 70) + "anything")).ShouldBe(ValidationCode.NotFound);
        (await CodeAsync("legacy_live_" + new string('x', 60))).ShouldBe(ValidationCode.Valid, "72 bytes, which is what was hashed");
    }

    [Fact]
    public async Task When_its_HMAC_key_is_gone_from_the_settings_a_key_is_not_found_and_one_in_use_goes_on()
    {
        await using var first = new Portal(("KeyPortal:Import:HmacKeys:legacy", Imported.HmacKey)) { KeepsData = true };
        var cast = await Cast.EnterAsync(first);
        await first.ImportOneAsync(cast.Alice, Imported.Item("hmac-sha256", Imported.HmacSha256, keyId: "LEGACY"));
        await first.DisposeAsync();
        await using (var without = new Portal(("KeyPortal:DataDirectory", first.DataDirectory)) { KeepsData = true })
        {
            (await without.ValidateAsync(cast.AcmeId, Imported.Key)).Code.ShouldBe(ValidationCode.NotFound);
        }

        await using (var with = new Portal(("KeyPortal:DataDirectory", first.DataDirectory), ("KeyPortal:Import:HmacKeys:Legacy", Imported.HmacKey)) { KeepsData = true })
        {
            (await with.ValidateAsync(cast.AcmeId, Imported.Key)).Code.ShouldBe(ValidationCode.Valid);
        }

        await using var again = new Portal(("KeyPortal:DataDirectory", first.DataDirectory));
        (await again.ValidateAsync(cast.AcmeId, Imported.Key)).Code.ShouldBe(ValidationCode.Valid, "its first use indexed it");
    }

    [Fact]
    public void A_presented_key_prints_redacted_and_does_not_serialize()
    {
        PresentedKey.TryRead(Imported.Key, foreignToo: true, out var key).ShouldBeTrue();

        $"{key}".ShouldBe("a presented key");
        Should.Throw<NotSupportedException>(() => System.Text.Json.JsonSerializer.Serialize(key));
        Should.Throw<NotSupportedException>(() => System.Text.Json.JsonSerializer.Deserialize<PresentedKey>("\"x\""));
    }

    private async Task<KeySecret> SecretAsync(string keyId)
    {
        await using var db = _portal.OpenDb();
        return await db.Set<KeySecret>().AsNoTracking().SingleAsync(s => s.KeyId == keyId);
    }
}
