using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Api;

/// <summary>
/// <c>Idempotency-Key</c> (draft-ietf-httpapi-idempotency-key-header): a call that is sent again within a day is answered with what the first one made, and
/// does nothing. A secret is never told twice: it is not kept, so it cannot be.
/// </summary>
internal sealed class IdempotentCalls(IDbContextFactory<KeyPortalDb> contexts, TimeProvider clock)
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotent-Replayed";
    private const int MaxKeyLength = 255;

    private static readonly Refusal BadKey = new(RefusalKind.Malformed, "bad_idempotency_key", $"Idempotency-Key has 1 to {MaxKeyLength} visible ASCII characters, once.");

    private static readonly Refusal Reused = new(RefusalKind.Invalid, "idempotency_key_reused", "This Idempotency-Key was sent with another body. Use a new key for another call.");

    private static readonly Refusal UnderWay = Refusal.Conflict("idempotent_call_under_way", "A call with this Idempotency-Key is under way. Ask again in a moment.");

    private readonly ConcurrentDictionary<string, bool> _underWay = new();

    /// <summary>
    /// Does <paramref name="act"/>, which notes in its transaction that it is done; or, where it was done before, asks <paramref name="replay"/> for what it made.
    /// The body must have been read.
    /// </summary>
    public async Task<Outcome<T>> RunAsync<T>(HttpContext context, Actor actor, Func<OnceOnly?, Task<Outcome<T>>> act, Func<string, Task<Outcome<T>>> replay)
    {
        var sent = context.Request.Headers[Header];
        if (sent.Count == 0)
        {
            return await act(null);
        }

        if (sent is not [{ Length: > 0 and <= MaxKeyLength } key] || key.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0)
        {
            return BadKey;
        }

        var once = NameOf(context, actor, key);
        var name = $"{once.OrganizationId} {once.Path} {Convert.ToHexString(once.KeyHash)}";
        if (!_underWay.TryAdd(name, true))
        {
            return UnderWay;
        }

        try
        {
            await using (var db = contexts.CreateDbContext())
            {
                if (await once.FindAsync(db, clock.Now(), context.RequestAborted) is { } done)
                {
                    return CryptographicOperations.FixedTimeEquals(done.BodyHash, once.BodyHash) ? await ReplayAsync(context, done, replay) : Reused;
                }
            }

            return await act(once);
        }
        finally
        {
            _underWay.TryRemove(name, out _);
        }
    }

    /// <summary>The call's name, where it has one; for whoever has to know of it besides.</summary>
    public static OnceOnly? NameOf(HttpContext context, Actor actor) => context.Request.Headers[Header] is [{ } key] ? NameOf(context, actor, key) : null;

    private static OnceOnly NameOf(HttpContext context, Actor actor, string key) =>
        new(actor.OrganizationId, PathOf(context.Request), SHA256.HashData(Encoding.ASCII.GetBytes(key)), JsonBody.HashOf(context));

    private static async Task<Outcome<T>> ReplayAsync<T>(HttpContext context, IdempotentCall done, Func<string, Task<Outcome<T>>> replay)
    {
        var replayed = await replay(done.ResourceId);
        if (replayed.Refusal is null)
        {
            context.Response.Headers[ReplayedHeader] = "true";
        }

        return replayed;
    }

    /// <summary>Both names of the group of keys are one path.</summary>
    private static string PathOf(HttpRequest request)
    {
        var path = request.Path.Value!.TrimEnd('/').ToLowerInvariant();
        return path.StartsWith(ApiRoutes.KeysAlias, StringComparison.Ordinal) ? ApiRoutes.Keys + path[ApiRoutes.KeysAlias.Length..] : path;
    }
}
