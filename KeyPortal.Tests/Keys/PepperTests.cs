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
    public void The_pepper_is_made_once_and_only_its_owner_reads_it()
    {
        var directory = Directory.CreateTempSubdirectory("keyportal-test-");
        try
        {
            var data = new DataDirectory(directory.FullName);
            using var made = Pepper.LoadOrCreate(data);
            using var read = Pepper.LoadOrCreate(data);
            read.Id.ShouldBe(made.Id);
            PlaintextKey.TryParse(PlaintextKeyTests.TestVector, out var key).ShouldBeTrue();
            read.HashOf(key).ShouldBe(made.HashOf(key));
            var file = directory.GetFiles("pepper-*").ShouldHaveSingleItem();
            file.Length.ShouldBe(Pepper.Size);
            if (!OperatingSystem.IsWindows())
            {
                file.UnixFileMode.ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
