using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Storage;

public sealed class WriterTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private readonly List<string> _heard = [];

    private Writer Writer => _portal.Get<Writer>();

    public async ValueTask InitializeAsync()
    {
        await Cast.EnterAsync(_portal);
        _portal.Get<CommitSignals>().Committing += signal => _heard.Add($"before {signal}, stored: {CountStored()}");
        _portal.Get<CommitSignals>().Committed += signal => _heard.Add($"after {signal}, stored: {CountStored()}");
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task An_act_is_announced_once_before_its_commit_and_once_after()
    {
        var outcome = await Writer.RunAsync<string>(write =>
        {
            Add(write, "org_one");
            write.Announce("a");
            write.Announce("b");
            return Answer("done");
        });

        outcome.Value.ShouldBe("done");
        _heard.ShouldBe(["before a, stored: 0", "before b, stored: 0", "after a, stored: 1", "after b, stored: 1"]);
    }

    [Fact]
    public async Task A_refusal_rolls_everything_back_and_announces_nothing()
    {
        var outcome = await Writer.RunAsync<string>(async write =>
        {
            Add(write, "org_one");
            await write.Db.SaveChangesAsync();
            write.Announce("a");
            return Refusal.Conflict("too_late", "Too late.");
        });

        outcome.Refusal!.Code.ShouldBe("too_late");
        CountStored().ShouldBe(0);
        _heard.ShouldBeEmpty();
        await ShouldStillWriteAsync();
    }

    [Fact]
    public async Task A_bug_in_an_act_rolls_everything_back_and_lets_the_next_one_in()
    {
        await Should.ThrowAsync<InvalidOperationException>(() => Writer.RunAsync<string>(async write =>
        {
            Add(write, "org_one");
            await write.Db.SaveChangesAsync();
            write.Announce("a");
            throw new InvalidOperationException("A bug.");
        }));

        CountStored().ShouldBe(0);
        _heard.ShouldBeEmpty();
        await ShouldStillWriteAsync();
    }

    [Fact]
    public async Task A_commit_that_fails_is_announced_on_either_side_too()
    {
        await Should.ThrowAsync<SqliteException>(() => Writer.RunAsync<string>(async write =>
        {
            // Checked no sooner than at the commit: https://www.sqlite.org/pragma.html#pragma_defer_foreign_keys.
            await write.Db.Database.ExecuteSqlRawAsync("PRAGMA defer_foreign_keys=ON");
            Add(write, "org_one");
            write.Set<KeySecret>().Add(new KeySecret { KeyId = "key_of_nobody", Version = 1, Start = "", Verifier = "", VerifierScheme = VerifierScheme.BcryptSha256, CreatedAt = write.Now });
            write.Announce("a");
            return "never";
        }));

        _heard.ShouldBe(["before a, stored: 0", "after a, stored: 0"]);
        await ShouldStillWriteAsync();
    }

    [Fact]
    public async Task Acts_run_one_at_a_time()
    {
        var (running, most) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => Writer.RunAsync<string>(async write =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await Task.Yield();
            Add(write, $"org_{i}");
            await write.Db.SaveChangesAsync();
            Interlocked.Decrement(ref running);
            return "done";
        }))));

        most.ShouldBe(1);
        CountStored().ShouldBe(20);
    }

    [Fact]
    public async Task An_act_given_up_while_it_waits_its_turn_does_not_happen()
    {
        using var given = new CancellationTokenSource();
        var (entered, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = Writer.RunAsync<string>(async write =>
        {
            entered.SetResult();
            await go.Task;
            Add(write, "org_first");
            return "done";
        });
        await entered.Task;
        var second = Writer.RunAsync<string>(write =>
        {
            Add(write, "org_second");
            return Answer("done");
        }, given.Token);

        await given.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => second);
        go.SetResult();
        (await first).Value.ShouldBe("done");
        CountStored().ShouldBe(1);
    }

    [Theory]
    [InlineData("Ünïcode 日本語 🔑 e\u0301 \u202eright to left")]
    [InlineData("'; DROP TABLE organizations; -- \" \\ % _ \t\r\n")]
    [InlineData(" blanks at either end ")]
    public async Task Text_and_instants_come_back_as_they_were_written(string text)
    {
        var at = new DateTimeOffset(2026, 2, 3, 4, 5, 6, 789, TimeSpan.Zero);
        await Writer.RunAsync<string>(write =>
        {
            Add(write, "org_one", text, at.ToOffset(TimeSpan.FromHours(5)));
            return Answer("done");
        });

        await using var db = _portal.OpenDb();
        var read = await db.Set<Organization>().AsNoTracking().SingleAsync(o => o.Id == "org_one" && o.Name == text && o.CreatedAt == at);
        (read.Name, read.CreatedAt, read.CreatedAt.Offset).ShouldBe((text, at, TimeSpan.Zero));
    }

    private static Task<Outcome<string>> Answer(string value) => Task.FromResult<Outcome<string>>(value);

    private static void Add(WriteTransaction write, string id, string name = "Made here", DateTimeOffset? at = null) =>
        write.Set<Organization>().Add(new Organization { Id = id, Name = name, CreatedAt = at ?? write.Now, Policy = new OrganizationPolicy() });

    /// <summary>How many of this class's organizations another connection sees: the committed ones.</summary>
    private int CountStored()
    {
        using var db = _portal.OpenDb();
        return db.Set<Organization>().Count(o => o.Name == "Made here");
    }

    private async Task ShouldStillWriteAsync()
    {
        var before = CountStored();
        (await Writer.RunAsync<string>(write =>
        {
            Add(write, "org_next");
            return Answer("done");
        })).Value.ShouldBe("done");
        CountStored().ShouldBe(before + 1);
    }
}
