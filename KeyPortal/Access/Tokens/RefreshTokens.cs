using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KeyPortal.Access.Tokens;

/// <summary>What a program holds of a session: one token to act with, one to get the next two with.</summary>
public sealed record TokenPair(string AccessToken, SecretToken RefreshToken)
{
    /// <summary>Without the tokens, which a record would print.</summary>
    public override string ToString() => nameof(TokenPair);
}

/// <summary>
/// Gives a program its next tokens. A refresh token works once and its successor is in the answer; one that comes back ends the session, for one of
/// its two holders is a thief and nobody can tell which (RFC 9700 §4.14.2). Of two uses at once one gets a pair, and that pair dies with the other.
/// </summary>
public sealed class RefreshTokens(
    IDbContextFactory<KeyPortalDb> contexts, Writer writer, Membership membership, AccessTokens access, GuessLimits guesses, IOptions<SessionSettings> settings)
{
    /// <summary>One refusal for every cause: unknown, used, ended, a member of nothing any more.</summary>
    public static readonly Refusal NoGood = new(RefusalKind.Unauthenticated, "invalid_refresh_token", "The refresh token is unknown, used, or its session has ended. Sign in again.");

    /// <summary>The first pair of a session of a program that has just begun.</summary>
    public async Task<Outcome<TokenPair>> StartAsync(SessionReference begun, CancellationToken cancellationToken = default) =>
        await writer.RunAsync<TokenPair>(async write =>
            await write.Set<Session>().SingleOrDefaultAsync(s => s.Id == begun.SessionId && s.Kind == SessionKind.Api, cancellationToken) is { } session ? Add(write, session) : NoGood, cancellationToken);

    /// <summary>Uses up a refresh token. Refuses <see cref="NoGood"/> and <see cref="GuessLimits.TooMany"/>.</summary>
    public async Task<Outcome<TokenPair>> RedeemAsync(string? presented, Origin origin, CancellationToken cancellationToken = default)
    {
        if (!guesses.TryBegin(Guess.RefreshToken, origin.Ip))
        {
            return GuessLimits.TooMany;
        }

        if (SecretToken.TryParse(presented) is not { } token || await FindHolderAsync(token.Hash, cancellationToken) is not { } userId)
        {
            return NoGood;
        }

        var places = await membership.OfAsync(userId, cancellationToken);
        var redeemed = await writer.RunAsync(write => UseAsync(write, token.Hash, places, origin, cancellationToken), cancellationToken);
        if (redeemed.Refusal is not null || redeemed.Value.Pair is not { } pair)
        {
            return NoGood;
        }

        guesses.Forgive(Guess.RefreshToken, origin.Ip);
        return pair;
    }

    /// <summary>Deletes what no session needs any more; how many there were. Used tokens of a live session stay, for that is how a second use is known.</summary>
    public async Task<int> ForgetEndedAsync(CancellationToken cancellationToken = default) =>
        (await writer.RunAsync<int>(async write => await write.Set<RefreshToken>()
            .Where(t => t.ExpiresAt <= write.Now || write.Set<Session>().Any(s => s.Id == t.SessionId && s.EndedAt != null))
            .ExecuteDeleteAsync(cancellationToken), cancellationToken)).Value;

    private async Task<string?> FindHolderAsync(byte[] hash, CancellationToken cancellationToken)
    {
        await using var db = contexts.CreateDbContext();
        return await (from token in db.Set<RefreshToken>()
                      join session in db.Set<Session>() on token.SessionId equals session.Id
                      where token.TokenHash == hash
                      select session.UserId).SingleOrDefaultAsync(cancellationToken);
    }

    private async Task<Outcome<Redeemed>> UseAsync(WriteTransaction write, byte[] hash, IReadOnlyList<OrganizationView> places, Origin origin, CancellationToken cancellationToken)
    {
        var token = await write.Set<RefreshToken>().SingleOrDefaultAsync(t => t.TokenHash == hash, cancellationToken);
        var session = token is null ? null : await write.Set<Session>().SingleAsync(s => s.Id == token.SessionId, cancellationToken);
        if (token is null || session is null || places.Count == 0 || !session.IsLive(write.Now, settings.Value.Idle))
        {
            return NoGood;
        }

        if (token.UsedAt is not null)
        {
            // Not a refusal: that would roll the end back.
            await Sessions.EndAsync(write, session.UserId, session.Id, SessionEnd.RefreshTokenReused, cancellationToken);
            var details = new JsonObject { ["reason"] = SnakeCase.Of(SessionEnd.RefreshTokenReused) };
            await SessionBeginning.RecordAsync(write, places, "session.ended", AuditOutcome.Succeeded, origin, details, cancellationToken);
            return new Redeemed(null);
        }

        token.UsedAt = write.Now;
        (session.LastSeenAt, session.Ip, session.UserAgent) = (write.Now, origin.Ip, origin.UserAgent);
        return new Redeemed(Add(write, session));
    }

    private TokenPair Add(WriteTransaction write, Session session)
    {
        var token = SecretToken.New();
        write.Set<RefreshToken>().Add(new RefreshToken { TokenHash = token.Hash, SessionId = session.Id, IssuedAt = write.Now, ExpiresAt = session.EndsAt });
        return new TokenPair(access.Issue(session), token);
    }

    private readonly record struct Redeemed(TokenPair? Pair);
}
