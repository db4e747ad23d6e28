using KeyPortal.Keys;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Keys;

public sealed class KeyCacheTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_load_begun_before_a_commit_does_not_put_the_old_row_back(bool afterTheFirstEviction)
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = await portal.KeyAsync(cast.Alice);
        var reads = new PausedReads(portal);
        var cache = reads.NewCache();
        Task<KeySnapshot?>? load = afterTheFirstEviction ? null : reads.Begin(FindAsync);
        portal.Get<CommitSignals>().Committing += _ => load ??= reads.Begin(FindAsync);

        await portal.Get<KeyRevocation>().RevokeAsync(cast.Alice, key.Key.Id, RevocationReason.KeyCompromise);
        load!.IsCompleted.ShouldBeFalse("it was to be under way");
        reads.Resume();

        (await load)!.RevokedAt.ShouldBeNull("it had read the old row before the commit, or this test shows nothing");
        (await FindAsync())!.RevokedAt.ShouldNotBeNull();

        Task<KeySnapshot?> FindAsync() => cache.FindAsync(key.Plaintext, fresh: false, CancellationToken.None).AsTask();
    }

    [Fact]
    public async Task With_readers_all_around_no_validation_begun_after_a_revocation_says_valid()
    {
        await using var portal = new Portal(("KeyPortal:Policy:KeysPerMember", "1000"));
        var cast = await Cast.EnterAsync(portal);
        var keys = new List<IssuedKey>();
        for (var i = 0; i < 100; i++)
        {
            keys.Add(await portal.KeyAsync(cast.Alice));
        }

        var (validator, revoked, stop, wrong, calls) = (portal.Get<KeyValidator>(), -1, false, 0, 0);
        var readers = Enumerable.Range(0, 8).Select(reader => Task.Run(async () =>
        {
            var random = new Random(reader);
            while (!Volatile.Read(ref stop))
            {
                await Task.Yield(); // What is remembered is answered at once: without this the readers would hold every thread of the pool.
                var dead = Volatile.Read(ref revoked);
                var at = Math.Clamp(dead + random.Next(-2, 4), 0, keys.Count - 1);
                var result = await validator.ValidateAsync(cast.AcmeId, new ValidationRequest { Key = keys[at].Plaintext.Expose(), Fresh = random.Next(4) == 0 });
                Interlocked.Increment(ref calls);
                if (at <= dead && result.IsValid)
                {
                    Interlocked.Increment(ref wrong);
                }
            }
        })).ToList();
        for (var i = 0; i < keys.Count; i++)
        {
            (await portal.Get<KeyRevocation>().RevokeAsync(cast.Alice, keys[i].Key.Id, RevocationReason.Unspecified)).Refusal.ShouldBeNull();
            Volatile.Write(ref revoked, i);
        }

        Volatile.Write(ref stop, true);
        await Task.WhenAll(readers);
        wrong.ShouldBe(0);
        calls.ShouldBeGreaterThan(keys.Count);
        foreach (var key in keys)
        {
            (await validator.ValidateAsync(cast.AcmeId, new ValidationRequest { Key = key.Plaintext.Expose() })).Code.ShouldBe(ValidationCode.Revoked);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task The_cache_keeps_to_its_bound_and_answers_right_beyond_it(int capacity)
    {
        await using var portal = new Portal(("KeyPortal:Keys:CacheCapacity", capacity.ToString()), ("KeyPortal:Policy:KeysPerMember", "1000"));
        var cast = await Cast.EnterAsync(portal);
        var keys = new List<IssuedKey>();
        for (var i = 0; i < 20; i++)
        {
            keys.Add(await portal.KeyAsync(cast.Alice));
        }

        var cache = portal.Get<KeyCache>();
        var random = new Random(1);
        for (var i = 0; i < 400; i++)
        {
            var key = keys[random.Next(keys.Count)];
            (await cache.FindAsync(key.Plaintext, fresh: random.Next(3) == 0, CancellationToken.None))!.KeyId.ShouldBe(key.Key.Id);
            cache.Count.ShouldBeLessThanOrEqualTo(capacity);
        }
    }

    [Fact]
    public async Task Reading_and_changing_one_key_again_and_again_takes_no_more_memory()
    {
        await using var portal = new Portal(("KeyPortal:Keys:CacheCapacity", "3"));
        var cast = await Cast.EnterAsync(portal);
        var (one, other) = (await portal.KeyAsync(cast.Alice), await portal.KeyAsync(cast.Alice));
        var cache = portal.Get<KeyCache>();
        await cache.FindAsync(other.Plaintext, fresh: false, CancellationToken.None);
        for (var i = 0; i < 100; i++)
        {
            await cache.FindAsync(one.Plaintext, fresh: true, CancellationToken.None);
        }

        for (var i = 0; i < 30; i++)
        {
            await cache.FindAsync(one.Plaintext, fresh: false, CancellationToken.None);
            await portal.Get<KeyEditing>().EditAsync(cast.Alice, one.Key.Id, k => k with { Name = $"Name {i}" });
            (await cache.FindAsync(one.Plaintext, fresh: false, CancellationToken.None))!.Name.ShouldBe($"Name {i}");
        }

        cache.Count.ShouldBeLessThanOrEqualTo(3);
        cache.Queued.ShouldBeLessThanOrEqualTo((2 * 3) + 16);
    }

    [Fact]
    public async Task A_key_is_known_the_moment_it_is_made_though_it_was_asked_for_before()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = await portal.KeyAsync(cast.Alice);
        var cache = portal.Get<KeyCache>();
        var hash = portal.Get<Pepper>().HashOf(key.Plaintext).ToArray();
        await SetHashAsync(null, "other");
        (await cache.FindAsync(key.Plaintext, fresh: true, CancellationToken.None)).ShouldNotBeNull("found by its start and indexed anew");

        await SetHashAsync(new byte[32], portal.Get<Pepper>().Id);
        (await cache.FindAsync(key.Plaintext, fresh: false, CancellationToken.None)).ShouldNotBeNull("remembered");
        (await cache.FindAsync(key.Plaintext, fresh: true, CancellationToken.None)).ShouldBeNull("the database no longer has it");
        (await cache.FindAsync(key.Plaintext, fresh: false, CancellationToken.None)).ShouldBeNull("a fresh answer replaces what was remembered");

        await SetHashAsync(hash, portal.Get<Pepper>().Id);
        (await cache.FindAsync(key.Plaintext, fresh: false, CancellationToken.None)).ShouldBeNull("remembered as unknown for ten seconds");
        await portal.Get<KeySuspension>().DisableAsync(cast.Alice, key.Key.Id);
        (await cache.FindAsync(key.Plaintext, fresh: false, CancellationToken.None))!.IsDisabled.ShouldBeTrue("a commit that names the hash clears it");

        async Task SetHashAsync(byte[]? to, string pepperId)
        {
            await using var db = portal.OpenDb();
            await db.Set<KeySecret>().ExecuteUpdateAsync(s => s.SetProperty(x => x.LookupHash, to).SetProperty(x => x.PepperId, pepperId));
        }
    }

    [Fact]
    public async Task An_unknown_key_is_looked_for_again_after_ten_seconds()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = await portal.KeyAsync(cast.Alice);
        var cache = portal.Get<KeyCache>();
        await using var db = portal.OpenDb();
        await db.Set<KeySecret>().ExecuteUpdateAsync(s => s.SetProperty(x => x.LookupHash, new byte[32]));
        (await cache.FindAsync(key.Plaintext, fresh: false, CancellationToken.None)).ShouldBeNull();
        var hash = portal.Get<Pepper>().HashOf(key.Plaintext).ToArray();
        await db.Set<KeySecret>().ExecuteUpdateAsync(s => s.SetProperty(x => x.LookupHash, hash));

        portal.Clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromMilliseconds(1));
        (await cache.FindAsync(key.Plaintext, fresh: false, CancellationToken.None)).ShouldBeNull();
        portal.Clock.Advance(TimeSpan.FromMilliseconds(1));
        (await cache.FindAsync(key.Plaintext, fresh: false, CancellationToken.None)).ShouldNotBeNull();
    }
}
