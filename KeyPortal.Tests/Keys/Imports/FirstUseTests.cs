using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Keys.Imports;

/// <summary>A first use writes the hash by which a revocation finds what is remembered. Whatever happens between, a revoked key is refused from then on.</summary>
public sealed class FirstUseTests
{
    [Theory]
    [InlineData(1, false)] // under the current pepper: nothing
    [InlineData(2, false)] // by its SHA-256: there it is
    [InlineData(3, true)] // indexed, and read once more
    public async Task A_revocation_during_the_first_use_of_an_imported_key_is_in_force_when_it_returns(int query, bool sawTheOldRow)
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var id = await portal.ImportOneAsync(cast.Alice, Imported.ItemOf(Imported.Key));

        await RevokeDuringAsync(portal, cast, id, Imported.Key, query, sawTheOldRow);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public async Task So_is_one_during_the_first_use_under_a_new_pepper(int query, bool sawTheOldRow)
    {
        await using var first = new Portal { KeepsData = true };
        var cast = await Cast.EnterAsync(first);
        var key = await first.KeyAsync(cast.Alice);
        (await first.Get<PepperChange>().AddAsync()).Refusal.ShouldBeNull();
        await first.DisposeAsync();
        await using var portal = new Portal(("KeyPortal:DataDirectory", first.DataDirectory));

        await RevokeDuringAsync(portal, cast, key.Key.Id, key.Plaintext.Expose(), query, sawTheOldRow);
    }

    private static async Task RevokeDuringAsync(Portal portal, Cast cast, string id, string text, int query, bool sawTheOldRow)
    {
        var reads = new PausedReads(portal, query);
        var cache = reads.NewCache();
        cache.TryRead(text, out var key).ShouldBeTrue();
        var use = reads.Begin(FindAsync);
        use.IsCompleted.ShouldBeFalse("it was to be under way");

        (await portal.Get<KeyRevocation>().RevokeAsync(cast.Alice, id, RevocationReason.KeyCompromise)).Refusal.ShouldBeNull();
        reads.Resume();

        ((await use)!.RevokedAt is null).ShouldBe(sawTheOldRow);
        (await FindAsync())!.RevokedAt.ShouldNotBeNull();

        Task<KeySnapshot?> FindAsync() => cache.FindAsync(key, fresh: false, CancellationToken.None).AsTask();
    }

    [Theory]
    [InlineData("sha256", Imported.Sha256)]
    [InlineData("bcrypt", Imported.Bcrypt)]
    public async Task A_key_whose_hash_cannot_be_written_is_good_all_the_same_and_a_revocation_of_it_counts_at_once(string algorithm, string hash)
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var id = await portal.ImportOneAsync(cast.Alice, Imported.Item(algorithm, hash, "legacy_live_Zk3vQ9"));
        await using var db = portal.OpenDb();
        await db.Database.ExecuteSqlRawAsync("CREATE TRIGGER refuse BEFORE UPDATE OF LookupHash ON key_secrets BEGIN SELECT RAISE(ABORT, 'not now'); END");

        (await portal.ValidateAsync(cast.AcmeId, Imported.Key)).Code.ShouldBe(ValidationCode.Valid);
        (await portal.ValidateAsync(cast.AcmeId, Imported.Key)).Code.ShouldBe(ValidationCode.Valid);
        portal.Get<KeyCache>().Count.ShouldBe(0, "nothing that the database does not hold under this hash");
        (await portal.Get<KeyRevocation>().RevokeAsync(cast.Alice, id, RevocationReason.KeyCompromise)).Refusal.ShouldBeNull();

        (await portal.ValidateAsync(cast.AcmeId, Imported.Key)).Code.ShouldBe(ValidationCode.Revoked);
        await db.Database.ExecuteSqlRawAsync("DROP TRIGGER refuse");
        (await portal.ValidateAsync(cast.AcmeId, Imported.Key)).Code.ShouldBe(ValidationCode.Revoked);
        portal.Get<KeyCache>().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Revocations_racing_first_uses_end_revoked()
    {
        const int Count = 60;
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var keys = Enumerable.Range(0, Count).Select(i => $"legacy-key-{i:0000}-{Guid.NewGuid():n}").ToList();
        var ids = (await portal.ImportAsync(cast.Alice, [.. keys.Select(key => Imported.ItemOf(key))])).Select(a => a.KeyId!).ToList();

        for (var i = 0; i < Count; i++)
        {
            var uses = Enumerable.Range(0, 4).Select(_ => Task.Run(() => portal.ValidateAsync(cast.AcmeId, keys[i]))).ToList();
            if (i % 2 == 0)
            {
                await uses[0];
            }

            (await portal.Get<KeyRevocation>().RevokeAsync(cast.Alice, ids[i], RevocationReason.Unspecified)).Refusal.ShouldBeNull();
            (await portal.ValidateAsync(cast.AcmeId, keys[i])).Code.ShouldBe(ValidationCode.Revoked, $"key {i}, with uses under way");
            await Task.WhenAll(uses);
            (await portal.ValidateAsync(cast.AcmeId, keys[i])).Code.ShouldBe(ValidationCode.Revoked, $"key {i}, after them");
        }
    }
}
