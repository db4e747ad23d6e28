using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.Extensions.Options;

namespace KeyPortal.Access.Tokens;

/// <summary>
/// The keys behind access tokens. The newest signs; one that it replaced is honoured, and published, until the last token it can have signed is over,
/// and is then deleted.
/// </summary>
public sealed class SigningKeys
{
    /// <summary>
    /// How long a replaced key is honoured: the longest life of any token (15 minutes, those exchanged for a key included), and a minute for what it
    /// signed while its successor was being written.
    /// </summary>
    public static readonly TimeSpan Honoured = AccessTokens.Lifetime + TimeSpan.FromMinutes(1);

    private readonly SigningKeyFiles _files;
    private readonly Writer _writer;
    private readonly TimeSpan _lifetime;
    private readonly TimeProvider _clock;
    private volatile IReadOnlyList<SigningKey> _keys;

    /// <summary>Reads the instance's keys, or makes the first.</summary>
    /// <exception cref="StartupException">A file is no key.</exception>
    public SigningKeys(DataDirectory data, Writer writer, IOptions<TokenSettings> settings, TimeProvider clock)
    {
        (_files, _writer, _lifetime, _clock) = (new SigningKeyFiles(data), writer, settings.Value.KeyLifetime, clock);
        _keys = _files.Read();
        if (_keys.Count == 0)
        {
            var first = SigningKey.New(clock.Now());
            _files.Prepare(first);
            _files.Finish(first);
            _keys = [first];
        }
    }

    /// <summary>The one that signs.</summary>
    public SigningKey Newest => _keys[0];

    /// <summary>Every key whose tokens may be good now, the newest first.</summary>
    public IReadOnlyList<SigningKey> Current()
    {
        var (keys, now) = (_keys, _clock.Now());
        return [.. keys.Where((_, i) => !IsOver(keys, i, now))];
    }

    /// <summary>Puts a new key in the place of the signing one, with an entry in the instance's log.</summary>
    public async Task<Outcome<SigningKey>> RotateAsync(CancellationToken cancellationToken = default)
    {
        var old = Newest;
        // A clock that was set back must not make the new key the older one.
        var now = _clock.Now();
        var made = SigningKey.New(now > old.CreatedAt ? now : old.CreatedAt.AddMilliseconds(1));
        _files.Prepare(made);
        var recorded = await _writer.RunAsync<bool>(async write =>
        {
            await AuditLog.AppendAsync(write, Actor.System(AuditLog.Instance), new AuditRecord("signing_key.rotated", new AuditTarget("signing_key", made.Id, made.Id))
            {
                Details = new JsonObject { ["before"] = old.Id },
            }, cancellationToken);
            return true;
        }, cancellationToken);
        if (recorded.Refusal is { } refusal)
        {
            return refusal;
        }

        _files.Finish(made);
        _keys = [made, .. _keys];
        return made;
    }

    /// <summary>Rotates when the signing key has had its time, and deletes keys whose tokens are all over. Called by one caller at a time.</summary>
    internal async Task KeepAsync(CancellationToken cancellationToken = default)
    {
        if (_clock.Now() - Newest.CreatedAt >= _lifetime)
        {
            await RotateAsync(cancellationToken);
        }

        var current = Current();
        foreach (var over in _keys.Except(current))
        {
            _files.Delete(over);
        }

        _keys = current;
    }

    private static bool IsOver(IReadOnlyList<SigningKey> keys, int index, DateTimeOffset now) => index > 0 && now >= keys[index - 1].CreatedAt + Honoured;
}
