using KeyPortal.Primitives;
using Microsoft.Extensions.Options;

namespace KeyPortal.Keys;

/// <summary>Makes and checks verifiers, one per core at a time: the slow hashes of key making must leave room for everything else.</summary>
public sealed class VerifierHashing(Argon2id argon2id, IOptions<KeySettings> settings) : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private readonly SlowHashGate _making = new(Math.Max(1, Environment.ProcessorCount - 1), TimeSpan.FromSeconds(30));
    private readonly SlowHashGate _checking = new(atOnce: 1, LongestWait);

    // Imported hashes cost what somebody else chose. They have a place of their own, so that ours never wait for them.
    private readonly SlowHashGate _checkingImported = new(atOnce: 1, LongestWait);

    public async Task<Outcome<Verifier>> HashAsync(PlaintextKey key, CancellationToken cancellationToken)
    {
        var (entered, verifier) = await _making.TryRunAsync(() => settings.Value.MakesArgon2id
            ? new Verifier(VerifierScheme.Argon2idSha256, argon2id.Hash(Sha256Text.Of(key.Expose())))
            : new Verifier(VerifierScheme.BcryptSha256, Bcrypt.HashOfSha256(key.Expose(), settings.Value.BcryptCost)), cancellationToken);
        return entered ? verifier! : new Refusal(RefusalKind.TooMany, "busy", "Too many keys are being created at once. Nothing was changed; try again in a few seconds.");
    }

    /// <summary>
    /// Does <paramref name="key"/> match? Guessing at a known start must not keep the cores busy, so one check runs at a time.
    /// </summary>
    /// <exception cref="StorageUnavailableException">No turn came within five seconds, or the library is missing: not known, which is neither yes nor no.</exception>
    public async Task<bool> VerifyAsync(PresentedKey key, KeySecret secret, CancellationToken cancellationToken)
    {
        var scheme = secret.VerifierScheme;
        if (scheme is VerifierScheme.Argon2id or VerifierScheme.Argon2idSha256 && !argon2id.IsAvailable)
        {
            throw new StorageUnavailableException($"This key cannot be checked. {Argon2id.HowToInstall}", new DllNotFoundException("libsodium"));
        }

        var (entered, matches) = await (scheme.IsOwn() ? _checking : _checkingImported).TryRunAsync(() => Matches(key.Expose(), secret), cancellationToken);
        return entered ? matches : throw new StorageUnavailableException("Keys are being indexed anew and this one had no turn yet. Try again shortly.", new TimeoutException());
    }

    public void Dispose()
    {
        _making.Dispose();
        _checking.Dispose();
        _checkingImported.Dispose();
    }

    private bool Matches(string text, KeySecret secret) => secret.VerifierScheme switch
    {
        VerifierScheme.BcryptSha256 => Bcrypt.VerifyOfSha256(text, secret.Verifier),
        VerifierScheme.Argon2idSha256 => argon2id.Verify(Sha256Text.Of(text), secret.Verifier),
        VerifierScheme.Bcrypt => Bcrypt.Verify(text, secret.Verifier),
        VerifierScheme.Argon2id => argon2id.Verify(text, secret.Verifier),
        _ => throw new InvalidOperationException($"The scheme {secret.VerifierScheme} is found by its value, not checked."),
    };
}
