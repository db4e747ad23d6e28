using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Bench;

/// <summary>What the cache holds in memory once it is full: as many keys as asked for are written to a database, read once each, and weighed.</summary>
internal static class MemoryRun
{
    private const int Batch = 5000;

    public static async Task RunAsync(Options options)
    {
        var folder = Directory.CreateTempSubdirectory("keyportal-bench-").FullName;
        try
        {
            await using var instance = await Instance.CreateAsync(Path.Combine(folder, "data"));
            var keys = await WriteAsync(instance, options.Number("keys", 200_000));
            await WeighAsync(instance.Get<KeyCache>(), keys);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task WeighAsync(KeyCache cache, PlaintextKey[] keys)
    {
        // One first, so that what any first read makes for good (queries, connections) is not counted.
        await cache.FindAsync(keys[0], fresh: false, CancellationToken.None);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var key in keys)
        {
            if (await cache.FindAsync(key, fresh: false, CancellationToken.None) is null)
            {
                throw new InvalidDataException("A key that was written is not found.");
            }
        }

        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        Console.WriteLine($"{cache.Count:#,0} keys in memory: {bytes / 1048576.0:#,0.0} MiB, {bytes / (double)cache.Count:#,0} bytes a key");
        GC.KeepAlive(keys);
    }

    /// <summary>Rows straight into the database: issuing so many one by one, each with its slow hash and its audit entries, would take an hour.</summary>
    private static async Task<PlaintextKey[]> WriteAsync(Instance instance, int count)
    {
        var pepper = instance.Get<Pepper>();
        var verifier = await instance.Get<VerifierHashing>().HashAsync(PlaintextKey.Generate(KeyType.Secret, KeyEnvironment.Live, ""), CancellationToken.None);
        var keys = new PlaintextKey[count];
        for (var from = 0; from < count; from += Batch)
        {
            await using var db = instance.Get<IDbContextFactory<KeyPortalDb>>().CreateDbContext();
            for (var i = from; i < Math.Min(count, from + Batch); i++)
            {
                keys[i] = PlaintextKey.Generate(KeyType.Secret, KeyEnvironment.Live, "");
                var id = EntityId.New(EntityId.Key, DateTimeOffset.UtcNow);
                var key = new ApiKey
                {
                    Id = id,
                    OrganizationId = instance.Owner.OrganizationId,
                    OwnerId = instance.Owner.MemberId,
                    Type = KeyType.Secret,
                    Environment = KeyEnvironment.Live,
                    Start = keys[i].Start,
                    SecretVersion = 1,
                    CreatedAt = DateTimeOffset.UtcNow,
                    CreatedBy = instance.Owner.Id,
                    Name = $"Integration {i:000000}",
                    Scopes = ["triggers:read", "events:read"],
                    Revision = 1,
                };
                db.Add(key);
                db.Add(KeySecret.Of(key, keys[i], verifier.Value, pepper, DateTimeOffset.UtcNow));
            }

            await db.SaveChangesAsync();
        }

        return keys;
    }
}
