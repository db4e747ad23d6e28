using KeyPortal.Primitives;

namespace KeyPortal.Access.Pages;

/// <summary>The statuses of a form's answer. Never 404, which would put another page in the place of the form.</summary>
internal static class PasswordAnswers
{
    public static int StatusOf(Refusal refusal) => refusal.Kind switch
    {
        RefusalKind.TooMany => StatusCodes.Status429TooManyRequests,
        RefusalKind.NotAllowed => StatusCodes.Status403Forbidden,
        _ => StatusCodes.Status422UnprocessableEntity,
    };
}
