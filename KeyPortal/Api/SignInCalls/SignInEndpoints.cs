using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KeyPortal.Access;
using KeyPortal.Access.Tokens;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Api.SignInCalls;

/// <summary>Signs people's programs in and out: password, second factor, and tokens from then on.</summary>
internal sealed class SignInEndpoints(SignIn signIn, SecondStep secondStep, RefreshTokens tokens, CallerAuthentication callers)
{
    private static readonly Refusal WrongPassword = SessionBeginning.NoPlace;

    private static readonly Refusal NotSetUp = new(RefusalKind.NotAllowed, "second_factor_not_set_up",
        "This account has no second factor, without which programs cannot sign in. Sign in to the portal and set one up.");

    private static readonly Refusal Locked = new(RefusalKind.TooMany, "locked", "Too many wrong passwords lately. Try again in 15 minutes.") { RetryAfter = GuessLimits.Window };

    private static readonly Refusal Busy = new(RefusalKind.TooMany, "busy", "Too many people are signing in at once. Try again in a few seconds.");

    public Task LoginAsync(HttpContext context) => RunAsync(context, ApiJson.Default.LoginBody, body => body.Check(), async (body, origin) =>
    {
        var result = await signIn.WithPasswordAsync(body.Email!, body.Password!, SessionKind.Api, origin, cancellationToken: context.RequestAborted);
        return result switch
        {
            { Outcome: SignInOutcome.SecondFactorRequired, Pending: { } pending } => pending,
            { Outcome: SignInOutcome.SecondFactorNotSetUp } => NotSetUp,
            { Outcome: SignInOutcome.LockedOut } => Locked,
            { Outcome: SignInOutcome.Busy } => Busy,
            { Outcome: SignInOutcome.InvalidCredentials } => WrongPassword,
            _ => (Outcome<PendingSignIn>)NotSetUp, // A password alone begins no session of a program.
        };
    }, WritePending);

    public Task ShowSecondFactorAsync(HttpContext context) => RunAsync(context, ApiJson.Default.SecondStepBody, body => body.Check(), async (body, origin) =>
    {
        var done = body.Code is not null
            ? await secondStep.WithCodeAsync(body.ChallengeToken, body.Code, SessionKind.Api, origin, context.RequestAborted)
            : await secondStep.WithRecoveryCodeAsync(body.ChallengeToken, body.RecoveryCode, SessionKind.Api, origin, context.RequestAborted);
        return done.Succeeded(out var begun, out var refusal) ? await tokens.StartAsync(begun.Session, context.RequestAborted) : refusal;
    }, WritePair);

    public Task RefreshAsync(HttpContext context) =>
        RunAsync(context, ApiJson.Default.RefreshBody, body => body.Check(), (body, origin) => tokens.RedeemAsync(body.RefreshToken, origin, context.RequestAborted), WritePair);

    public async Task LogoutAsync(HttpContext context)
    {
        var found = await PresentedCredential.FindSessionAsync(context, callers);
        if (!found.Succeeded(out var session, out var refusal))
        {
            await ProblemAnswer.WriteAsync(context, refusal);
            return;
        }

        await signIn.EndAsync(session.UserId, session.Id, RequestIdentity.OriginOf(context), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task RunAsync<TBody, T>(
        HttpContext context, JsonTypeInfo<TBody> type, Func<TBody, Refusal?> check, Func<TBody, Origin, Task<Outcome<T>>> act, Action<Utf8JsonWriter, T> write)
        where TBody : class
    {
        async Task<Outcome<T>> AnswerAsync()
        {
            if (CredentialTransport.RefuseToken(context) is { } inTheClear)
            {
                return inTheClear;
            }

            var read = await JsonBody.ReadAsync(context, type);
            return !read.Succeeded(out var body, out var refusal) ? refusal
                : check(body) is { } broken ? broken
                : await act(body, RequestIdentity.OriginOf(context));
        }

        await ApiCall.AnswerAsync(context, await AnswerAsync(), write);
    }

    private static void WritePending(Utf8JsonWriter json, PendingSignIn pending)
    {
        json.WriteStartObject();
        json.WriteString("status"u8, "two_factor_required"u8);
        json.WriteString("challenge_token"u8, pending.Token.Expose());
        JsonAnswer.WriteTexts(json, "methods"u8, [.. pending.Methods.Select(SnakeCase.Of)]);
        json.WriteEndObject();
    }

    private static void WritePair(Utf8JsonWriter json, TokenPair pair)
    {
        json.WriteStartObject();
        json.WriteString("access_token"u8, pair.AccessToken);
        json.WriteString("token_type"u8, "Bearer"u8);
        json.WriteNumber("expires_in"u8, (long)AccessTokens.Lifetime.TotalSeconds);
        json.WriteString("refresh_token"u8, pair.RefreshToken.Expose());
        json.WriteEndObject();
    }
}
