using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>
/// Signs people in with a passkey and nothing else. The passkey tells whose it is. A lock after wrong passwords does not hold it up: it cannot be guessed,
/// and else anybody could lock anybody out.
/// </summary>
public sealed class PasskeySignIn(PasskeyChecks checks, Writer writer, IDbContextFactory<KeyPortalDb> contexts, Membership membership, SessionBeginning beginning, GuessLimits guesses)
{
    /// <summary>
    /// Begins a session, or refuses alike whatever was wrong: an unknown or removed passkey, another site's, one of somebody who is nowhere an active
    /// member. Refuses too what took too long or came twice (<c>passkey_not_asked</c>), and <c>too_many_attempts</c> from one address.
    /// </summary>
    public async Task<Outcome<SessionReference>> RunAsync(HttpContext context, string? answer, Origin origin, CancellationToken cancellationToken = default)
    {
        if (!guesses.TryBegin(Guess.SecondFactor, origin.Ip))
        {
            return GuessLimits.TooMany;
        }

        var proven = await checks.CheckAsync(context, PasskeyPurpose.SignIn, userId: null, answer);
        if (!proven.Succeeded(out var proof, out var refusal))
        {
            await RecordAsync(answer, refusal, origin, cancellationToken);
            return refusal;
        }

        var places = await membership.OfAsync(proof.UserId, cancellationToken);
        var begun = await writer.RunAsync(async write =>
            await proof.UseAsync(write, cancellationToken) is { } wrong
                ? wrong
                : await beginning.BeginAsync(write, places, proof.UserId, SessionKind.Browser, SignInMethod.Passkey, origin, cancellationToken), cancellationToken);
        if (begun.Refusal is not null)
        {
            return PasskeyChecks.Refused;
        }

        guesses.Forgive(Guess.SecondFactor, origin.Ip);
        return begun;
    }

    /// <summary>Notes a refusal in the logs of whoever has the passkey that was named. Whose it is otherwise, nobody knows.</summary>
    private async Task RecordAsync(string? answer, Refusal refusal, Origin origin, CancellationToken cancellationToken)
    {
        if (CredentialIdOf(answer) is not { } credentialId)
        {
            return;
        }

        await using var db = contexts.CreateDbContext();
        var userId = await db.Set<IdentityUserPasskey<string>>().Where(p => p.CredentialId == credentialId).Select(p => p.UserId).SingleOrDefaultAsync(cancellationToken);
        if (userId is null)
        {
            return;
        }

        var places = await membership.OfAsync(userId, cancellationToken);
        await writer.RunAsync<bool>(async write =>
        {
            await SessionBeginning.RecordAsync(write, places, "session.refused", AuditOutcome.Refused, origin, new JsonObject { ["reason"] = refusal.Code }, cancellationToken);
            return true;
        }, cancellationToken);
    }

    private static byte[]? CredentialIdOf(string? answer)
    {
        try
        {
            return answer is { Length: <= PasskeyChecks.LongestAnswer } && JsonNode.Parse(answer) is JsonObject credential && (string?)credential["id"] is { } id ? Base64Url.DecodeFromChars(id) : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }
}
