namespace KeyPortal.Primitives;

/// <summary>
/// Lets only a few slow hashes (bcrypt, Argon2id) run at once. Each takes a core for a tenth of a second or more, so without a bound
/// a handful of anonymous sign-in attempts would stop the program: self-inflicted denial of service.
/// </summary>
public sealed class SlowHashGate(int atOnce, TimeSpan longestWait) : IDisposable
{
    private readonly SemaphoreSlim _free = new(atOnce, atOnce);

    /// <summary>Runs <paramref name="hash"/> off the caller's thread; <c>Entered</c> is false when no place came free in time.</summary>
    public async Task<(bool Entered, T? Result)> TryRunAsync<T>(Func<T> hash, CancellationToken cancellationToken)
    {
        if (!await _free.WaitAsync(longestWait, cancellationToken))
        {
            return (false, default);
        }

        try
        {
            return (true, await Task.Run(hash, CancellationToken.None));
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();
}
