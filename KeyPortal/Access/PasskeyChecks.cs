using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>A passkey that a browser has made and the framework found in order. It is not the account's yet.</summary>
public sealed class NewPasskey
{
    internal NewPasskey(UserPasskeyInfo info) => Info = info;

    internal UserPasskeyInfo Info { get; }
}

/// <summary>A passkey's holder has answered our question. Opens something only in the transaction that uses it.</summary>
public sealed class PasskeyProof
{
    private readonly UserPasskeyInfo _passkey;

    internal PasskeyProof(string userId, UserPasskeyInfo passkey) => (UserId, _passkey) = (userId, passkey);

    public string UserId { get; }

    /// <summary>Writes the passkey's new counter. Refuses when it was removed, or its counter reached this one, since the question was answered.</summary>
    public async Task<Refusal?> UseAsync(WriteTransaction write, CancellationToken cancellationToken = default)
    {
        var stored = await write.Set<IdentityUserPasskey<string>>().SingleOrDefaultAsync(p => p.UserId == UserId && p.CredentialId == _passkey.CredentialId, cancellationToken);
        if (stored is null)
        {
            return PasskeyChecks.Refused;
        }

        // Many authenticators do not count: theirs is always 0 (WebAuthn §6.1.1).
        if ((stored.Data.SignCount | _passkey.SignCount) != 0 && _passkey.SignCount <= stored.Data.SignCount)
        {
            return PasskeyChecks.CounterWentBack;
        }

        (stored.Data.SignCount, stored.Data.IsBackedUp) = (_passkey.SignCount, _passkey.IsBackedUp);
        return null;
    }
}

/// <summary>Asks browsers for passkeys, and has the framework check what they answer. Changes nothing in the database.</summary>
public sealed partial class PasskeyChecks(IServiceScopeFactory scopes, PasskeyStates states, ILogger<PasskeyChecks> log)
{
    internal const int LongestAnswer = 64 * 1024;
    private const int LongestCause = 200;

    public static readonly Refusal Refused = new(RefusalKind.Unauthenticated, "passkey_refused", "This passkey was not accepted. Try again, or use another way.");

    /// <summary>The signature was right and its counter was not above the last one: two devices may hold the same passkey, which means a copy (WebAuthn §6.1.1).</summary>
    public static readonly Refusal CounterWentBack = Refused with { Code = "passkey_counter" };

    /// <summary>Nothing was asked of this browser, or too long ago, or it has answered already.</summary>
    public static readonly Refusal NotAsked = Refused with { Code = "passkey_not_asked", Detail = "This took longer than 5 minutes, or was answered already. Try again." };

    /// <summary>Asks for a passkey of one account, or with null for whatever passkey the device has for this site. Answers what <c>navigator.credentials.get</c> wants.</summary>
    public async Task<string> AskAsync(HttpContext context, PasskeyPurpose purpose, string? userId)
    {
        await using var scope = scopes.CreateAsyncScope();
        var user = userId is null ? null : await scope.ServiceProvider.GetRequiredService<UserManager<IdentityUser>>().FindByIdAsync(userId);
        var asked = await Handler(scope).MakeRequestOptionsAsync(user, context);
        states.Give(context, purpose, userId ?? "", asked.AssertionState!);
        return asked.RequestOptionsJson;
    }

    /// <summary>Asks for a new passkey for the person of this session. Answers what <c>navigator.credentials.create</c> wants.</summary>
    public async Task<string> AskForNewAsync(HttpContext context, Actor actor)
    {
        await using var scope = scopes.CreateAsyncScope();
        var user = await scope.ServiceProvider.GetRequiredService<UserManager<IdentityUser>>().FindByIdAsync(actor.MemberId);
        var asked = await Handler(scope).MakeCreationOptionsAsync(new PasskeyUserEntity { Id = actor.MemberId, Name = user!.Email!, DisplayName = actor.Name }, context);
        states.Give(context, PasskeyPurpose.Enrolment, actor.SessionId!, asked.AttestationState!);
        return asked.CreationOptionsJson;
    }

    /// <summary>Checks the answer to <see cref="AskAsync"/>, which was asked for the same purpose and account.</summary>
    public async Task<Outcome<PasskeyProof>> CheckAsync(HttpContext context, PasskeyPurpose purpose, string? userId, string? answer)
    {
        if (states.Take(context, purpose, userId ?? "") is not { } state)
        {
            return NotAsked;
        }

        if (answer is null or { Length: > LongestAnswer })
        {
            return Refused;
        }

        await using var scope = scopes.CreateAsyncScope();
        var result = await Handler(scope).PerformAssertionAsync(new PasskeyAssertionContext { HttpContext = context, CredentialJson = answer, AssertionState = state });
        return result.Succeeded ? new PasskeyProof(result.User.Id, result.Passkey) : Refuse(purpose, result.Failure);
    }

    /// <summary>Checks the answer to <see cref="AskForNewAsync"/>, which was asked in the same session.</summary>
    public async Task<Outcome<NewPasskey>> CheckNewAsync(HttpContext context, Actor actor, string? answer)
    {
        if (states.Take(context, PasskeyPurpose.Enrolment, actor.SessionId!) is not { } state)
        {
            return NotAsked;
        }

        if (answer is null or { Length: > LongestAnswer })
        {
            return Refused;
        }

        await using var scope = scopes.CreateAsyncScope();
        var result = await Handler(scope).PerformAttestationAsync(new PasskeyAttestationContext { HttpContext = context, CredentialJson = answer, AttestationState = state });
        return result.Succeeded ? new NewPasskey(result.Passkey) : Refuse(PasskeyPurpose.Enrolment, result.Failure);
    }

    private static IPasskeyHandler<IdentityUser> Handler(AsyncServiceScope scope) => scope.ServiceProvider.GetRequiredService<IPasskeyHandler<IdentityUser>>();

    private Refusal Refuse(PasskeyPurpose purpose, PasskeyException failure)
    {
        if (log.IsEnabled(LogLevel.Information))
        {
            // On one line and cut: some of the framework's sentences quote what the browser sent.
            var cause = string.Concat(failure.Message.Take(LongestCause).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c));
            Log.NotAccepted(log, purpose, cause);
        }

        // The framework tells its failures apart by their sentence alone. The counter is the last it looks at, so the signature was right.
        return failure.Message.Contains("signature counter", StringComparison.Ordinal) ? CounterWentBack : Refused;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "A passkey was not accepted ({Purpose}): {Cause}")]
        public static partial void NotAccepted(ILogger logger, PasskeyPurpose purpose, string cause);
    }
}
