using Bunit;
using KeyPortal.Components;
using KeyPortal.Primitives;

namespace KeyPortal.Tests.Support;

/// <summary>Reading on while somebody looks, whatever a reading meets.</summary>
public sealed class PageWatchTests : IAsyncDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    private readonly Ticker _ticker = new(new TestClock());
    private readonly BunitContext _page = new();
    private readonly PageWatch _watch;
    private readonly List<Exception> _faults = [];

    public PageWatchTests()
    {
        _page.JSInterop.Setup<bool>("keyportal.isSeen").SetResult(true);
        _watch = new PageWatch(_ticker, _page.JSInterop.JSRuntime);
    }

    public ValueTask DisposeAsync()
    {
        _watch.Dispose();
        return _page.DisposeAsync();
    }

    private Task RunAsync(Func<Task> readAsync) => _watch.RunAsync(Pace, act => act(), readAsync, e =>
    {
        _faults.Add(e);
        return Task.CompletedTask;
    });

    [Fact]
    public async Task An_outage_of_the_storage_is_tried_again_at_the_next_tick()
    {
        var (met, healed) = (new TaskCompletionSource(), new TaskCompletionSource());
        var watching = RunAsync(() =>
        {
            if (met.TrySetResult())
            {
                throw new StorageUnavailableException("Away.", new IOException());
            }

            healed.TrySetResult();
            return _watch.StopAsync();
        });

        _ticker.Tick();
        await met.Task;
        _ticker.Tick();
        await watching;

        healed.Task.IsCompleted.ShouldBeTrue("the watching ended with the outage");
        _faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Anything_else_ends_it_and_is_told_to_the_page()
    {
        var watching = RunAsync(() => throw new InvalidOperationException("A bug."));

        _ticker.Tick();
        await watching;

        _faults.ShouldHaveSingleItem().Message.ShouldBe("A bug.");
        _ticker.Count.ShouldBe(0);
    }

    [Fact]
    public async Task Something_cancelled_while_the_page_stays_is_told_too()
    {
        var watching = RunAsync(() => throw new OperationCanceledException());

        _ticker.Tick();
        await watching;

        _faults.ShouldHaveSingleItem().ShouldBeOfType<OperationCanceledException>();
    }
}
