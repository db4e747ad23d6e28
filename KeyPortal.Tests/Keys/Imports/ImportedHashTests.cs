using KeyPortal.Keys;
using KeyPortal.Keys.Imports;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Keys.Imports;

/// <summary>What an item may say of its hash, and what no answer repeats.</summary>
public sealed class ImportedHashTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    private const string Hex63 = "54004230c1391fc93393c930b40c2c4ca2036cc38a074f149961707f4bceabb";

    [Theory]
    [InlineData("sha256", Hex63, null, "/hash/value")]
    [InlineData("sha256", Hex63 + "22", null, "/hash/value")]
    [InlineData("sha256", Hex63 + "g", null, "/hash/value")]
    [InlineData("sha256", Hex63 + "A", null, "/hash/value")]
    [InlineData("sha256", null, null, "/hash/value")]
    [InlineData("sha256", "sk_live_0123456789ABCDEFGHIJKLMNOP2cbtEV", null, "/hash/value")]
    [InlineData("sha512", Hex63 + "2", null, "/hash/value")]
    [InlineData("SHA256", Hex63 + "2", null, "/hash/algorithm")]
    [InlineData(null, Hex63 + "2", null, "/hash/algorithm")]
    [InlineData("bcrypt", "legacy_live_Zk3vQ9pX7mT2wL8", "legacy_live_Zk3vQ9", "/hash/value")]
    [InlineData("bcrypt", "$2x$06$GDZrKQsCw6XxcD5ht.0LTOo3X9Pq4n.9KghNnbR3P7938Ig/rQvka", "legacy_live_Zk3vQ9", "/hash/value")]
    [InlineData("bcrypt", "$2b$03$GDZrKQsCw6XxcD5ht.0LTOo3X9Pq4n.9KghNnbR3P7938Ig/rQvka", "legacy_live_Zk3vQ9", "/hash/value")]
    [InlineData("bcrypt", "$2b$15$GDZrKQsCw6XxcD5ht.0LTOo3X9Pq4n.9KghNnbR3P7938Ig/rQvka", "legacy_live_Zk3vQ9", "/hash/value")]
    [InlineData("bcrypt", Imported.Bcrypt + "\n", "legacy_live_Zk3vQ9", "/hash/value")]
    [InlineData("bcrypt", Imported.Bcrypt, null, "/start")]
    [InlineData("bcrypt", Imported.Bcrypt, "legacy_", "/start")]
    [InlineData("bcrypt", Imported.Bcrypt, "legacy_live_Zk3vQ9pX7", "/start")]
    [InlineData("bcrypt", Imported.Bcrypt, "legacy live", "/start")]
    [InlineData("sha256", Imported.Sha256, "legacy_live_Zk3vQ9pX7", "/start")]
    [InlineData("argon2id", "$argon2i$v=19$m=8192,t=2,p=1$DozPrE43OLssg4empJMcqg$5xEw7iC7LNPo3+07eo5oajYtM4+zWLmgAVXDh2B3Fk4", "legacy_l", "/hash/value")]
    [InlineData("argon2id", "$argon2id$v=19$m=262145,t=2,p=1$DozPrE43OLssg4empJMcqg$5xEw7iC7LNPo3+07eo5oajYtM4+zWLmgAVXDh2B3Fk4", "legacy_l", "/hash/value")]
    [InlineData("argon2id", "$argon2id$v=19$m=8192,t=11,p=1$DozPrE43OLssg4empJMcqg$5xEw7iC7LNPo3+07eo5oajYtM4+zWLmgAVXDh2B3Fk4", "legacy_l", "/hash/value")]
    [InlineData("argon2id", "$argon2id$v=19$m=8192,t=2,t=2$DozPrE43OLssg4empJMcqg$5xEw7iC7LNPo3+07eo5oajYtM4+zWLmgAVXDh2B3Fk4", "legacy_l", "/hash/value")]
    [InlineData("argon2id", "$argon2id$v=19$m=8192,t=2,p=1$DozPrE43OLssg4empJMcqgx$5xEw7iC7LNPo3+07eo5oajYtM4+zWLmgAVXDh2B3Fk4", "legacy_l", "/hash/value")]
    [InlineData("argon2id", Imported.Argon2id, null, "/start")]
    public async Task A_wrong_hash_or_start_is_refused_at_its_place_and_never_repeated(string? algorithm, string? value, string? start, string pointer)
    {
        var item = Imported.ItemOf("any") with { Hash = new HashInput(algorithm, value, null), Start = start };

        var answer = (await shared.Portal.ImportAsync(shared.Cast.Alice, item)).ShouldHaveSingleItem();

        var refusal = answer.Refusal.ShouldNotBeNull();
        refusal.Code.ShouldBe("validation_failed");
        refusal.Errors.Select(e => e.Pointer).ShouldContain("/keys/0" + pointer);
        if (value is not null)
        {
            $"{refusal} {string.Join(' ', refusal.Errors)} {item}".ShouldNotContain(value);
        }
    }

    [Theory]
    [InlineData("hmac-sha256", null)]
    [InlineData("hmac-sha256", "absent")]
    [InlineData("sha256", "absent")]
    public async Task The_key_of_an_HMAC_is_named_and_in_the_settings(string algorithm, string? keyId) =>
        (await shared.Portal.ImportAsync(shared.Cast.Alice, Imported.Item(algorithm, Imported.HmacSha256, keyId: keyId))).Single().Refusal!.Errors.Single().Pointer.ShouldBe("/keys/0/hash/key_id");

    [Fact]
    public async Task Every_broken_rule_of_every_item_is_named_at_its_place()
    {
        var item = Imported.Item("sha256", "x") with { Faults = [new FieldError("/type", "The type is secret or publishable.")] };
        item = item with { Input = item.Input with { Name = "", Scopes = ["no scope"], AllowedIps = ["10.0.0.1/8"], Expiry = ExpiryInput.On(TestClock.Start.AddDays(-1)) } };

        var answers = await shared.Portal.ImportAsync(shared.Cast.Alice, Imported.ItemOf("a-good-one"), item);

        answers[1].Refusal!.Errors.Select(e => e.Pointer).ShouldBe(
            ["/keys/1/type", "/keys/1/hash/value", "/keys/1/name", "/keys/1/scopes/0", "/keys/1/allowed_ips/0", "/keys/1/expires_at"], ignoreOrder: true);
    }

    [Fact]
    public async Task Without_libsodium_an_Argon2id_item_names_the_package_and_all_others_come_in()
    {
        await using var portal = new Portal(("KeyPortal:Keys:SodiumLibrary", "/nowhere/libsodium.so"));
        var cast = await Cast.EnterAsync(portal);

        var answers = await portal.ImportAsync(cast.Alice, Imported.Item("argon2id", Imported.Argon2id, "legacy_l"), Imported.Item("bcrypt", Imported.Bcrypt, "legacy_l"));

        answers[0].Refusal!.Errors.Single().ShouldBe(new FieldError("/keys/0/hash/algorithm", Argon2id.HowToInstall));
        answers[0].Refusal!.Detail.ShouldContain("libsodium23");
        answers[1].Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Where_libsodium_went_missing_a_key_that_needs_it_is_neither_valid_nor_unknown()
    {
        await using var first = new Portal { KeepsData = true };
        var cast = await Cast.EnterAsync(first);
        await first.ImportOneAsync(cast.Alice, Imported.Item("argon2id", Imported.Argon2id, "legacy_live_Ab5cD6"));
        await first.DisposeAsync();
        await using var second = new Portal(("KeyPortal:DataDirectory", first.DataDirectory), ("KeyPortal:Keys:SodiumLibrary", "/nowhere/libsodium.so"));

        (await Should.ThrowAsync<StorageUnavailableException>(() => second.ValidateAsync(cast.AcmeId, Imported.Argon2Key))).Message.ShouldContain("libsodium23");
        (await second.ValidateAsync(cast.AcmeId, Imported.Key)).Code.ShouldBe(KeyPortal.Keys.ValidationCode.NotFound);
    }
}
