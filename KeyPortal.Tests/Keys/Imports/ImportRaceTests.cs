using KeyPortal.Keys;
using KeyPortal.Keys.Imports;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Keys.Imports;

public sealed class ImportRaceTests
{
    [Fact]
    public async Task The_same_import_many_times_at_once_takes_each_key_once()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        ImportItem[] items = [.. Enumerable.Range(0, 50).Select(i => Imported.ItemOf($"legacy-key-{i:0000}")), Imported.Item("bcrypt", Imported.Bcrypt, "legacy_live_Zk3vQ9"), Imported.Item("argon2id", Imported.Argon2id, "legacy_live_Ab5cD6")];

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(() => portal.ImportAsync(i % 3 == 0 ? cast.Olaf : i % 3 == 1 ? cast.Alice : cast.Andy, items))));

        for (var i = 0; i < items.Length; i++)
        {
            answers.Count(a => a[i].KeyId is not null).ShouldBe(1, $"item {i}");
            answers.Where(a => a[i].KeyId is null).ShouldAllBe(a => a[i].Refusal!.Code == "duplicate");
        }

        await using var db = portal.OpenDb();
        (await db.Set<KeySecret>().CountAsync()).ShouldBe(items.Length);
    }
}
