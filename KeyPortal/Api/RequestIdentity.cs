using KeyPortal.Access;
using KeyPortal.Primitives;

namespace KeyPortal.Api;

/// <summary>The id of a request, made at the door and repeated in every answer as <c>X-Request-Id</c>.</summary>
internal static class RequestIdentity
{
    private const string Header = "X-Request-Id";

    public static void Begin(HttpContext context, DateTimeOffset now)
    {
        context.TraceIdentifier = RequestId.New(now);
        Repeat(context);
    }

    /// <summary>Sets the headers of every answer; again, where an error has cleared them.</summary>
    public static void Repeat(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers[Header] = context.TraceIdentifier;
        headers.XContentTypeOptions = "nosniff";
    }

    public static string Of(HttpContext context) => context.TraceIdentifier;

    public static Origin OriginOf(HttpContext context) =>
        new(AccessFeature.AddressOf(context.Connection.RemoteIpAddress), context.Request.Headers.UserAgent, Of(context));
}
