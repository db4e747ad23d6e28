using KeyPortal.Storage;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Storage;

public sealed class WriteTurnTests
{
    private readonly TestClock _clock = new();
    private readonly List<string> _said = [];

    [Fact]
    public async Task A_failure_is_said_once_when_it_begins_and_once_when_it_ends()
    {
        using var turn = Turn();
        var began = _clock.Now;
        for (var i = 0; i < 3; i++)
        {
            (await turn.RunAsync(_ => throw new IOException("no room"), default)).ShouldBeFalse();
            turn.IsFailing.ShouldBeTrue();
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        (await turn.RunAsync(_ => Task.CompletedTask, default)).ShouldBeTrue();
        (await turn.RunAsync(_ => Task.CompletedTask, default)).ShouldBeTrue();

        turn.IsFailing.ShouldBeFalse();
        _said.ShouldBe(["no room", $"{began:O}"]);
    }

    [Fact]
    public async Task One_writes_at_a_time_and_a_failure_lets_the_next_in()
    {
        using var turn = Turn();
        var (inside, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = turn.RunAsync(async _ =>
        {
            inside.SetResult();
            await go.Task;
            throw new IOException("no room");
        }, default);
        await inside.Task;
        var entered = false;
        var second = turn.RunAsync(_ =>
        {
            entered = true;
            return Task.CompletedTask;
        }, default);
        entered.ShouldBeFalse();

        go.SetResult();

        (await first, await second).ShouldBe((false, true));
    }

    [Fact]
    public async Task One_that_is_told_to_stop_has_not_failed()
    {
        using var turn = Turn();
        using var stop = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(() => turn.RunAsync(async token =>
        {
            await stop.CancelAsync();
            token.ThrowIfCancellationRequested();
        }, stop.Token));

        turn.IsFailing.ShouldBeFalse();
        (await turn.RunAsync(_ => Task.CompletedTask, default)).ShouldBeTrue();
        _said.ShouldBeEmpty();
    }

    private WriteTurn Turn() => new(_clock, e => _said.Add(e.Message), since => _said.Add($"{since:O}"));
}
