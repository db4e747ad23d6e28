using KeyPortal.Primitives;
using Microsoft.Extensions.Options;

namespace KeyPortal.Access;

public enum PasswordCheck
{
    Right,
    Wrong,
    Busy,
}

/// <summary>Runs members' password hashes two at a time; whoever waits longer than three seconds for a turn is told that the server is busy.</summary>
public sealed class PasswordGate(IOptions<PasswordSettings> settings) : IDisposable
{
    private readonly SlowHashGate _gate = new(atOnce: 2, longestWait: TimeSpan.FromSeconds(3));
    private readonly Lazy<string> _nobody = new(() => Bcrypt.HashOfSha256(Guid.NewGuid().ToString(), settings.Value.BcryptCost));

    /// <summary>Compares with <paramref name="hash"/>; with null compares with nobody's hash, which takes as long and is never right.</summary>
    public async Task<PasswordCheck> CheckAsync(string? hash, string password, CancellationToken cancellationToken)
    {
        var (entered, right) = await _gate.TryRunAsync(() => Bcrypt.VerifyOfSha256(password, hash ?? _nobody.Value), cancellationToken);
        return !entered ? PasswordCheck.Busy : right && hash is not null ? PasswordCheck.Right : PasswordCheck.Wrong;
    }

    /// <summary>Takes the time a comparison takes; false when the server is too busy for it.</summary>
    public async Task<bool> SpendAsync(string password, CancellationToken cancellationToken) =>
        await CheckAsync(null, password, cancellationToken) != PasswordCheck.Busy;

    /// <summary>Hashes a new password; null when the server is too busy.</summary>
    public async Task<string?> HashAsync(string password, CancellationToken cancellationToken) =>
        (await _gate.TryRunAsync(() => Bcrypt.HashOfSha256(password, settings.Value.BcryptCost), cancellationToken)).Result;

    public void Dispose() => _gate.Dispose();
}
