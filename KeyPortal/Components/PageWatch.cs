using KeyPortal.Primitives;
using Microsoft.JSInterop;

namespace KeyPortal.Components;

/// <summary>Has a page read anew at an even pace while somebody looks at it, one reading after the other.</summary>
public sealed class PageWatch : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly IJSRuntime _browser;
    private readonly CancellationTokenSource _leaving = new();

    public PageWatch(TimeProvider clock, IJSRuntime browser) => (_clock, _browser, Leaving) = (clock, browser, _leaving.Token);

    /// <summary>Cancelled when the page is left, or has nothing to read any more.</summary>
    public CancellationToken Leaving { get; }

    /// <param name="onPage">The page's own <c>InvokeAsync</c>.</param>
    /// <param name="readAsync">A tick that comes while it runs counts for the next. One that meets an outage of the storage is tried again at the next.</param>
    /// <param name="onFault">The page's own <c>DispatchExceptionAsync</c>: what else goes wrong ends the watching, and nobody waits for it who would hear of it.</param>
    public async Task RunAsync(TimeSpan pace, Func<Func<Task>, Task> onPage, Func<Task> readAsync, Func<Exception, Task> onFault)
    {
        try
        {
            using var timer = new PeriodicTimer(pace, _clock);
            while (await timer.WaitForNextTickAsync(Leaving))
            {
                await onPage(() => ReadOnceAsync(readAsync));
            }
        }
        catch (Exception e) when (Leaving.IsCancellationRequested && e is OperationCanceledException or ObjectDisposedException)
        {
            // The page was left.
        }
        catch (Exception e)
        {
            await onFault(e);
        }
    }

    private async Task ReadOnceAsync(Func<Task> readAsync)
    {
        try
        {
            if (await IsSeenAsync())
            {
                await readAsync();
            }
        }
        catch (StorageUnavailableException)
        {
            // The page says so where it has words for it; the next tick heals it.
        }
    }

    public async Task StopAsync()
    {
        if (!Leaving.IsCancellationRequested)
        {
            await _leaving.CancelAsync();
        }
    }

    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
    }

    /// <summary>A browser tab behind another one reads nothing; nor does one whose connection is lost.</summary>
    private async Task<bool> IsSeenAsync()
    {
        try
        {
            return await _browser.InvokeAsync<bool>("keyportal.isSeen", Leaving);
        }
        catch (JSDisconnectedException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!Leaving.IsCancellationRequested)
        {
            return false;
        }
    }
}
