using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Keys;

public sealed class VerifierSettingTests
{
    [Fact]
    public async Task With_argon2id_new_secrets_are_kept_that_way_and_outlive_the_pepper_beside_older_ones()
    {
        await using var bcrypt = new Portal { KeepsData = true };
        var cast = await Cast.EnterAsync(bcrypt);
        List<IssuedKey> keys = [await bcrypt.KeyAsync(cast.Alice)];
        await bcrypt.DisposeAsync();
        await using (var argon2 = new Portal(("KeyPortal:DataDirectory", bcrypt.DataDirectory), ("KeyPortal:Keys:Verifier", "argon2id")) { KeepsData = true })
        {
            keys.Add(await argon2.KeyAsync(cast.Alice));
            keys.Add((await argon2.Get<KeyRotation>().RotateAsync(cast.Alice, keys[0].Key.Id, new RotationInput(TimeSpan.FromDays(1)))).Value);
            await using var db = argon2.OpenDb();
            var secrets = await db.Set<KeySecret>().AsNoTracking().OrderBy(s => s.CreatedAt).ThenBy(s => s.Version).ToListAsync();
            secrets.Count(s => s.VerifierScheme == VerifierScheme.BcryptSha256 && s.Verifier.StartsWith("$2b$04$", StringComparison.Ordinal)).ShouldBe(1);
            secrets.Count(s => s.VerifierScheme == VerifierScheme.Argon2idSha256 && s.Verifier.StartsWith("$argon2id$v=19$m=19456,t=2,p=1$", StringComparison.Ordinal)).ShouldBe(2);
            argon2.Get<ImportedSecrets>().Any.ShouldBeFalse("these are ours");
        }

        Array.ForEach(Directory.GetFiles(bcrypt.DataDirectory, "pepper-*"), File.Delete);
        await using var again = new Portal(("KeyPortal:DataDirectory", bcrypt.DataDirectory));
        again.Get<ImportedSecrets>().Any.ShouldBeFalse();
        foreach (var key in keys)
        {
            (await again.Get<KeyValidator>().ValidateAsync(cast.AcmeId, new ValidationRequest { Key = key.Plaintext.Expose() })).Code.ShouldBe(ValidationCode.Valid);
        }
    }

    [Theory]
    [InlineData("KeyPortal__Keys__Verifier", "scrypt", "KeyPortal:Keys:Verifier must be bcrypt or argon2id.")]
    [InlineData("KeyPortal__Import__HmacKeys__legacy", "no base64!", "KeyPortal:Import:HmacKeys:legacy is no base64.")]
    public async Task A_wrong_setting_ends_the_start_with_a_line_that_names_it(string name, string value, string line)
    {
        var (exitCode, _, stderr) = await PortalProcess.RunAsync(PortalProcess.NewDataDirectory(), [], "", (name, value));

        exitCode.ShouldBe(1);
        stderr.Trim().Split('\n').ShouldHaveSingleItem().ShouldContain(line);
    }

    [Fact]
    public async Task Argon2id_without_its_library_ends_the_start_with_the_packages_name()
    {
        var (exitCode, _, stderr) = await PortalProcess.RunAsync(
            PortalProcess.NewDataDirectory(), [], "", ("KeyPortal__Keys__Verifier", "argon2id"), ("KeyPortal__Keys__SodiumLibrary", "/nowhere/libsodium.so"));

        (exitCode, stderr).ShouldBe((1, $"KeyPortal:Keys:Verifier is argon2id. {Argon2id.HowToInstall}\n"));
    }
}
