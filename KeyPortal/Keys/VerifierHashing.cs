using KeyPortal.Primitives;
using Microsoft.Extensions.Options;

namespace KeyPortal.Keys;

/// <summary>Makes and checks verifiers, one per core at a time: the slow hashes of key making must leave room for everything else.</summary>
public sealed class VerifierHashing(IOptions<KeySettings> settings) : IDisposable
{
    private readonly SlowHashGate _making = new(Math.Max(1, Environment.ProcessorCount - 1), TimeSpan.FromSeconds(30));
    private readonly SlowHashGate _checking = new(atOnce: 1, TimeSpan.FromSeconds(5));

    public async Task<Outcome<string>> HashAsync(PlaintextKey key, CancellationToken cancellationToken)
    {
        var (entered, hash) = await _making.TryRunAsync(() => Bcrypt.HashOfSha256(key.Expose(), settings.Value.BcryptCost), cancellationToken);
        return entered ? hash! : new Refusal(RefusalKind.TooMany, "busy", "Too many keys are being created at once. Nothing was changed; try again in a few seconds.");
    }

    /// <summary>
    /// Does <paramref name="key"/> match? Guessing at a known start must not keep the cores busy, so one check runs at a time.
    /// </summary>
    /// <exception cref="StorageUnavailableException">No turn came within five seconds: not known yet, which is neither yes nor no.</exception>
    public async Task<bool> VerifyAsync(PlaintextKey key, KeySecret secret, CancellationToken cancellationToken)
    {
        var (entered, matches) = await _checking.TryRunAsync(() => secret.VerifierScheme switch
        {
            VerifierScheme.BcryptSha256 => Bcrypt.VerifyOfSha256(key.Expose(), secret.Verifier),
            _ => throw new InvalidOperationException($"No verifier scheme {secret.VerifierScheme}."),
        }, cancellationToken);
        return entered ? matches : throw new StorageUnavailableException("Keys are being indexed anew and this one had no turn yet. Try again shortly.", new TimeoutException());
    }

    public void Dispose()
    {
        _making.Dispose();
        _checking.Dispose();
    }
}
