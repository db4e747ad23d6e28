using KeyPortal.Keys;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Keys;

public sealed class PepperTests
{
    [Fact]
    public async Task Losing_the_pepper_loses_no_key()
    {
        string directory, acmeId, revokedId;
        List<IssuedKey> keys = [];
        await using (var first = new Portal { KeepsData = true })
        {
            var cast = await Cast.EnterAsync(first);
            for (var i = 0; i < 5; i++)
            {
                keys.Add(await first.KeyAsync(cast.Alice));
            }

            revokedId = keys[0].Key.Id;
            await first.Get<KeyRevocation>().RevokeAsync(cast.Alice, revokedId, RevocationReason.KeyCompromise);
            (directory, acmeId) = (first.DataDirectory, cast.AcmeId);
        }

        var lost = Directory.GetFiles(directory, "pepper-*").ShouldHaveSingleItem();
        File.Delete(lost);
        await using var second = new Portal(("KeyPortal:DataDirectory", directory));
        var pepper = second.Get<Pepper>();
        pepper.Id.ShouldNotBe(Path.GetFileName(lost)["pepper-".Length..]);
        foreach (var key in keys)
        {
            var code = (await second.Get<KeyValidator>().ValidateAsync(acmeId, new ValidationRequest { Key = key.Plaintext.Expose() })).Code;
            code.ShouldBe(key.Key.Id == revokedId ? ValidationCode.Revoked : ValidationCode.Valid);
        }

        await using var db = second.OpenDb();
        var secrets = await db.Set<KeySecret>().AsNoTracking().ToListAsync();
        secrets.ShouldAllBe(s => s.PepperId == pepper.Id);
        foreach (var secret in secrets)
        {
            secret.LookupHash.ShouldBe(pepper.HashOf(keys.Single(k => k.Key.Id == secret.KeyId).Plaintext).ToArray());
        }
    }

    [Fact]
    public async Task Another_key_with_the_same_start_is_not_taken_for_it()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = await portal.KeyAsync(cast.Alice);
        await using (var db = portal.OpenDb())
        {
            await db.Set<KeySecret>().ExecuteUpdateAsync(s => s.SetProperty(x => x.PepperId, "0000-lost").SetProperty(x => x.LookupHash, new byte[32]));
        }

        var body = key.Plaintext.Start + new string('0', PlaintextKey.RandomLength - PlaintextKey.StartRandomLength);
        var guess = body + PlaintextKey.Checksum(body);
        (await portal.Get<KeyValidator>().ValidateAsync(cast.AcmeId, new ValidationRequest { Key = guess })).Code.ShouldBe(ValidationCode.NotFound);
        (await portal.Get<KeyValidator>().ValidateAsync(cast.AcmeId, new ValidationRequest { Key = key.Plaintext.Expose() })).Code.ShouldBe(ValidationCode.Valid);
    }

    [Fact]
    public async Task Losing_the_pepper_loses_no_imported_key_either()
    {
        await using var first = new Portal { KeepsData = true };
        var cast = await Cast.EnterAsync(first);
        await first.ImportAsync(cast.Alice,
            Imported.Item("bcrypt", Imported.Bcrypt, "legacy_live_Zk3vQ9"), Imported.ItemOf("legacy-key-of-sha256"), Imported.Item("argon2id", Imported.Argon2id, "legacy_l"), Imported.ItemOf("legacy-key-not-used"));
        string[] keys = [Imported.Key, "legacy-key-of-sha256", Imported.Argon2Key];
        foreach (var key in keys)
        {
            (await first.ValidateAsync(cast.AcmeId, key)).Code.ShouldBe(ValidationCode.Valid);
        }

        await first.DisposeAsync();
        Array.ForEach(Directory.GetFiles(first.DataDirectory, "pepper-*"), File.Delete);
        await using var second = new Portal(("KeyPortal:DataDirectory", first.DataDirectory));

        foreach (var key in keys.Append("legacy-key-not-used"))
        {
            (await second.ValidateAsync(cast.AcmeId, key)).Code.ShouldBe(ValidationCode.Valid, key);
        }

        await using var db = second.OpenDb();
        (await db.Set<KeySecret>().AsNoTracking().ToListAsync()).ShouldAllBe(s => s.PepperId == second.Get<Pepper>().Id && s.LookupHash != null);
    }

    [Fact]
    public async Task Under_an_added_pepper_keys_are_indexed_as_they_are_used_and_the_old_one_can_then_be_retired()
    {
        await using var first = new Portal { KeepsData = true };
        var cast = await Cast.EnterAsync(first);
        IssuedKey[] keys = [await first.KeyAsync(cast.Alice), await first.KeyAsync(cast.Alice)];
        var old = first.Get<Pepper>().Id;
        var change = first.Get<PepperChange>();
        (await change.RetireAsync(old, force: true)).Refusal!.Code.ShouldBe("current_pepper");
        (await change.RetireAsync("0009-00000000", force: true)).Refusal!.Code.ShouldBe("no_pepper");
        var added = (await change.AddAsync()).Value;
        await first.DisposeAsync();

        await using (var second = new Portal(("KeyPortal:DataDirectory", first.DataDirectory)) { KeepsData = true })
        {
            (second.Get<Pepper>().Id, second.Get<Peppers>().Older.Single().Id).ShouldBe((added, old));
            // A broken verifier shows that the older pepper leads to it, and not the slow way.
            await using var db = second.OpenDb();
            await db.Set<KeySecret>().ExecuteUpdateAsync(s => s.SetProperty(x => x.Verifier, "none"));
            (await second.ValidateAsync(cast.AcmeId, keys[0].Plaintext.Expose())).Code.ShouldBe(ValidationCode.Valid);
            (await db.Set<KeySecret>().AsNoTracking().SingleAsync(s => s.KeyId == keys[0].Key.Id)).PepperId.ShouldBe(added);
            var refusal = (await second.Get<PepperChange>().RetireAsync(old, force: false)).Refusal.ShouldNotBeNull();
            (refusal.Code, refusal.Detail).ShouldBe(("pepper_in_use",
                $"1 secret is still indexed under {old}. Without it each is found by its start and checked slowly once, at its next use. To retire it all the same, add --force."));
            (await second.ValidateAsync(cast.AcmeId, keys[1].Plaintext.Expose())).Code.ShouldBe(ValidationCode.Valid);
            (await second.Get<PepperChange>().RetireAsync(old, force: false)).Value.ShouldBe(0);
            (await second.EntriesAsync(old)).Select(e => e.Action).ShouldBe(["pepper.retired"]);
            (await second.EntriesAsync(added)).Select(e => e.Action).ShouldBe(["pepper.added"]);
        }

        Directory.GetFiles(first.DataDirectory, "*pepper-*").ShouldHaveSingleItem().ShouldEndWith(added);
        await using var third = new Portal(("KeyPortal:DataDirectory", first.DataDirectory));
        (await third.ValidateAsync(cast.AcmeId, keys[0].Plaintext.Expose())).Code.ShouldBe(ValidationCode.Valid);
    }

    [Fact]
    public async Task A_pepper_retired_by_force_costs_its_keys_one_slow_use()
    {
        await using var first = new Portal { KeepsData = true };
        var cast = await Cast.EnterAsync(first);
        var key = await first.KeyAsync(cast.Alice);
        await first.Get<PepperChange>().AddAsync();
        var old = first.Get<Pepper>().Id;
        await first.DisposeAsync();
        await using (var second = new Portal(("KeyPortal:DataDirectory", first.DataDirectory)) { KeepsData = true })
        {
            (await second.Get<PepperChange>().RetireAsync(old, force: true)).Value.ShouldBe(1);
        }

        await using var third = new Portal(("KeyPortal:DataDirectory", first.DataDirectory));
        (await third.ValidateAsync(cast.AcmeId, key.Plaintext.Expose())).Code.ShouldBe(ValidationCode.Valid);
        await using var db = third.OpenDb();
        (await db.Set<KeySecret>().AsNoTracking().SingleAsync()).PepperId.ShouldBe(third.Get<Pepper>().Id);
    }
}
