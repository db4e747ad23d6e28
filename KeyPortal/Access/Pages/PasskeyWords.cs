using KeyPortal.Primitives;

namespace KeyPortal.Access.Pages;

/// <summary>Says to people and to HTTP what became of a passkey's answer.</summary>
internal static class PasskeyWords
{
    /// <summary>The status and the sentence. No answer at all comes from a browser that ran no script.</summary>
    public static (int Status, string Sentence) Of(Refusal refusal, string? answer) => refusal.Kind switch
    {
        RefusalKind.TooMany => (StatusCodes.Status429TooManyRequests, refusal.Detail),
        RefusalKind.Unauthenticated when string.IsNullOrEmpty(answer) => (StatusCodes.Status401Unauthorized, "Passkeys need scripts, which this browser does not run here. Allow them and reload the page, or use another way."),
        RefusalKind.Unauthenticated => (StatusCodes.Status401Unauthorized, refusal.Detail),
        _ => (StatusCodes.Status422UnprocessableEntity, refusal.Detail),
    };
}
