namespace KeyPortal.Storage;

/// <summary>
/// The turns in which something that was counted in memory is written: one at a time. What the store does not take stays with its owner until the next, and that it
/// does not is said when it begins, not at each try.
/// </summary>
public sealed class WriteTurn(TimeProvider clock, Action<Exception> failing, Action<DateTimeOffset>? healed = null) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private DateTimeOffset? _failingSince;

    /// <summary>Did the last turn fail?</summary>
    public bool IsFailing => _failingSince is not null;

    /// <summary>Writes once nobody else does; false when the store does not take it now.</summary>
    public async Task<bool> RunAsync(Func<CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await write(cancellationToken);
            if (_failingSince is { } since)
            {
                _failingSince = null;
                healed?.Invoke(since);
            }

            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever it is, a lost disk or a bug.
            if (_failingSince is null)
            {
                _failingSince = clock.GetUtcNow();
                failing(e);
            }

            return false;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
