using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Api;

/// <summary>
/// Lets callers in: who they are, and whether their own limits have room. A key that calls spends one call of the limits set on it, by itself or by the tier it
/// names, and never of its organization's default, which is meant for clients and would stop the very integration that validates them.
/// </summary>
internal sealed class ApiCallers(CallerAuthentication callers, KeyLimiter limiter, ManagementLimit management, TimeProvider clock)
{
    /// <summary>For calls that decide on keys: bounded by the limits set on the caller's key alone. The answer's headers say where those stand.</summary>
    public async ValueTask<Outcome<Actor>> AuthenticateAsync(HttpContext context)
    {
        var read = await PresentedCredential.AuthenticateAsync(context, callers);
        if (!read.Succeeded(out var caller, out var refusal))
        {
            return refusal;
        }

        return await SpendAsync(caller, context.RequestAborted) is not { } own ? caller.Actor : Told(context, caller.Actor, own);
    }

    /// <summary>For calls that manage: bounded besides by what one credential may do in a minute. One that is refused spends neither.</summary>
    public async ValueTask<Outcome<Actor>> AdmitAsync(HttpContext context)
    {
        var read = await PresentedCredential.AuthenticateAsync(context, callers);
        if (!read.Succeeded(out var caller, out var refusal))
        {
            return refusal;
        }

        var actor = caller.Actor;
        if (management.Peek(actor) is { IsGranted: false } full)
        {
            return Told(context, actor, full);
        }

        if (await SpendAsync(caller, context.RequestAborted) is not { } own)
        {
            return management.Spend(actor) is { } alone ? Told(context, actor, alone) : actor;
        }

        // Between the look and this another call may have taken the last one: then the key's own is spent for nothing, and the limit still holds.
        return own.IsGranted && management.Spend(actor) is { } both ? Told(context, actor, both, own) : Told(context, actor, own);
    }

    /// <summary>The gateway behind a key of its own. What the answer's headers tell is about its client.</summary>
    public async ValueTask<Outcome<Actor>> AuthenticateGatewayAsync(HttpContext context, string presented)
    {
        var read = await callers.AuthenticateAsync(presented, RequestIdentity.OriginOf(context), context.RequestAborted);
        return !read.Succeeded(out var caller, out var refusal) ? refusal
            : await SpendAsync(caller, context.RequestAborted) is { IsGranted: false } own ? LimitReasons.RefusalOf(own)
            : caller.Actor;
    }

    private static Outcome<Actor> Told(HttpContext context, Actor actor, LimitReport report, LimitReport? beside = null)
    {
        LimitHeaders.Set(context.Response.Headers, report, beside);
        return report.IsGranted ? actor : LimitReasons.RefusalOf(report);
    }

    /// <summary>Where the limits set on the caller's key stand after the call; null where it has none, which most have.</summary>
    private ValueTask<LimitReport?> SpendAsync(Caller caller, CancellationToken cancellationToken) =>
        caller.Key is { Limits.OwnCount: > 0 } key
            ? limiter.AcquireAsync(new LimitedCall(key.OrganizationId, key.Limited, 1, caller.Actor.Origin.Ip, clock.Now()), ownOnly: true, cancellationToken)
            : default;
}
