using KeyPortal.Organizations;
using KeyPortal.Primitives;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc;

namespace KeyPortal.Access.Pages;

/// <summary>
/// What <c>passkeys.js</c> fetches before it asks the browser for a passkey. The state that belongs to it goes into a cookie. Refusals are a sentence of
/// plain text, which the script shows.
/// </summary>
public static class PasskeyEndpoints
{
    public const string ForSignIn = "/sign-in/passkey/options";
    public const string ForSecondStep = "/sign-in/second-factor/passkey/options";
    public const string ForConfirmation = "/confirm/passkey/options";
    public const string ForEnrolment = "/account/passkeys/options";

    private const string OutOfDate = "This page is out of date. Reload it and try again.";

    public static void MapPasskeys(this WebApplication app)
    {
        app.MapPost(ForSignIn, AskAnybodyAsync).WithMetadata(new NeedsNothingAttribute("whoever is to sign in"));
        app.MapPost(ForSecondStep, AskHalfSignedInAsync).WithMetadata(new NeedsNothingAttribute("whoever is half signed in"));
        app.MapPost(ForConfirmation, AskSignedInAsync).WithMetadata(new NeedsNothingAttribute("whoever is signed in may show that again"));
        app.MapPost(ForEnrolment, AskForNewAsync).WithMetadata(new NeedsAttribute(Act.ChangeOwnAccount));
    }

    private static async Task<IResult> AskAnybodyAsync(HttpContext context, [FromServices] IAntiforgery antiforgery, [FromServices] PasskeyChecks checks) =>
        await antiforgery.IsRequestValidAsync(context) ? Question(context, await checks.AskAsync(context, PasskeyPurpose.SignIn, userId: null)) : Refuse(StatusCodes.Status400BadRequest, OutOfDate);

    private static async Task<IResult> AskHalfSignedInAsync(HttpContext context, [FromServices] IAntiforgery antiforgery, [FromServices] SecondStep step, [FromServices] PasskeyChecks checks)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
        {
            return Refuse(StatusCodes.Status400BadRequest, OutOfDate);
        }

        return await step.FindAsync(DoorCookie.Challenge.Read(context), SessionKind.Browser, context.RequestAborted) is { } pending
            ? Question(context, await checks.AskAsync(context, PasskeyPurpose.SecondStep, pending.UserId))
            : Refuse(StatusCodes.Status401Unauthorized, SecondStep.ChallengeExpired.Detail);
    }

    private static async Task<IResult> AskSignedInAsync(HttpContext context, [FromServices] IAntiforgery antiforgery, [FromServices] PasskeyChecks checks) =>
        await antiforgery.IsRequestValidAsync(context) && SessionClaims.Read(context.User) is { } session
            ? Question(context, await checks.AskAsync(context, PasskeyPurpose.Confirmation, session.UserId))
            : Refuse(StatusCodes.Status400BadRequest, OutOfDate);

    private static async Task<IResult> AskForNewAsync(
        HttpContext context, [FromServices] IAntiforgery antiforgery, [FromServices] Membership membership, [FromServices] Sessions sessions, [FromServices] PasskeyEnrolment enrolment, [FromServices] PasskeyChecks checks)
    {
        if (!await antiforgery.IsRequestValidAsync(context)
            || SessionClaims.Read(context.User) is not { } known
            || await sessions.FindLiveAsync(known.SessionId, known.UserId, context.RequestAborted) is not { } session
            || await membership.FindAsync(known.UserId, known.OrganizationId, context.RequestAborted) is not { } place)
        {
            return Refuse(StatusCodes.Status400BadRequest, OutOfDate);
        }

        var actor = CurrentMember.ActorOf(place, BrowserSession.OriginOf(context), session);
        return await enrolment.RefuseAsync(actor, context.RequestAborted) is { } refusal
            ? Refuse(StatusCodes.Status403Forbidden, refusal.Detail)
            : Question(context, await checks.AskForNewAsync(context, actor));
    }

    private static IResult Question(HttpContext context, string options)
    {
        context.Response.Headers.CacheControl = "no-store";
        return Results.Text(options, "application/json");
    }

    private static IResult Refuse(int status, string sentence) => Results.Text(sentence, statusCode: status);
}
