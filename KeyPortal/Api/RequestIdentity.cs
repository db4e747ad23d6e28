using KeyPortal.Access;
using KeyPortal.Primitives;

namespace KeyPortal.Api;

/// <summary>The id of a request, made at the door and repeated in every answer as <c>X-Request-Id</c>.</summary>
internal static class RequestIdentity
{
    public static string Begin(HttpContext context, DateTimeOffset now)
    {
        var id = RequestId.New(now);
        context.TraceIdentifier = id;
        context.Response.Headers["X-Request-Id"] = id;
        return id;
    }

    public static string Of(HttpContext context) => context.TraceIdentifier;

    public static Origin OriginOf(HttpContext context) =>
        new(AccessFeature.AddressOf(context.Connection.RemoteIpAddress), context.Request.Headers.UserAgent, Of(context));
}
