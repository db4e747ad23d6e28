using KeyPortal.Access;
using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Api;

/// <summary>
/// Lets callers in: who they are, and whether their own limits have room. A key that calls spends one call (a batch one for each decision it asks for) of the limits set on it, by itself or by the tier it
/// names, and never of its organization's default, which is meant for clients and would stop the very integration that validates them.
/// </summary>
internal sealed class ApiCallers(CallerAuthentication callers, CredentialTransport transport, SecondFactorDemand demand, KeyLimiter limiter, ManagementLimit management, TimeProvider clock)
{
    private static readonly Refusal Busy = new(RefusalKind.Unavailable, "gateway_busy", "The gateway has no room for more calls now. Try again later; it is not for how often you call.");

    /// <summary>For calls that decide on keys: bounded by the limits set on the caller's key alone. The answer's headers say where those stand.</summary>
    public async ValueTask<Outcome<Actor>> AuthenticateAsync(HttpContext context)
    {
        var read = await PresentedCredential.AuthenticateAsync(context, callers, transport);
        return read.Succeeded(out var caller, out var refusal) ? await SpendAsync(context, caller, cost: 1) : refusal;
    }

    /// <summary>Who calls; what the call costs is known and spent later.</summary>
    public ValueTask<Outcome<Caller>> IdentifyAsync(HttpContext context) => PresentedCredential.AuthenticateAsync(context, callers, transport);

    /// <summary>Have the limits set on the caller's key no room for even one call? Spends nothing; a quota that would have to be read first is taken to have room.</summary>
    public bool IsFull(Caller caller) => caller.Key is { } key && limiter.PeekNow(CallOf(caller, key, cost: 1), ownOnly: true) is { IsGranted: false };

    /// <summary>Spends what the call costs of the limits set on the caller's key, or nothing of it. What costs more than they ever hold is refused as such: waiting would not help.</summary>
    public async ValueTask<Outcome<Actor>> SpendAsync(HttpContext context, Caller caller, long cost)
    {
        if (await SpendAsync(caller, cost, context.RequestAborted) is not { } own)
        {
            return caller.Actor;
        }

        var told = Told(context, caller.Actor, own, cost: cost);
        return own is { IsGranted: false, RetryAfterSeconds: null } ? Refusal.Invalid("/requests", told.Refusal!.Detail) : told;
    }

    /// <summary>
    /// For calls that manage: bounded besides by what one credential may do in a minute. One that is refused spends neither. A key manages no more than its
    /// owner: where the organization demands a second factor and the owner has none, nothing. Calls that decide on keys do not ask this, for what stands
    /// behind a gateway must not fail over its owner's telephone.
    /// </summary>
    public async ValueTask<Outcome<Actor>> AdmitAsync(HttpContext context)
    {
        var read = await PresentedCredential.AuthenticateAsync(context, callers, transport);
        if (!read.Succeeded(out var caller, out var refusal))
        {
            return refusal;
        }

        var actor = caller.Key is not null && await demand.IsUnmetAsync(caller.Actor.OrganizationId, caller.Actor.MemberId, context.RequestAborted) ? caller.Actor with { MustSetUpSecondFactor = true } : caller.Actor;
        if (management.Peek(actor) is { IsGranted: false } full)
        {
            return Told(context, actor, full);
        }

        if (await SpendAsync(caller, cost: 1, context.RequestAborted) is not { } own)
        {
            return management.Spend(actor) is { } alone ? Told(context, actor, alone) : actor;
        }

        // Between the look and this another call may have taken the last one: then the key's own is spent for nothing, and the limit still holds.
        return own.IsGranted && management.Spend(actor) is { } both ? Told(context, actor, both, own) : Told(context, actor, own);
    }

    /// <summary>
    /// The gateway behind a key of its own. What the answer tells is handed on to its client, who has done nothing too often: of the gateway's limits it learns
    /// neither name nor number, only when to come again.
    /// </summary>
    public async ValueTask<Outcome<Actor>> AuthenticateGatewayAsync(HttpContext context, string presented)
    {
        if (transport.RefuseGatewayKey(context) is { } inTheClear)
        {
            return inTheClear;
        }

        var read = await callers.AuthenticateAsync(presented, RequestIdentity.OriginOf(context), context.RequestAborted);
        return !read.Succeeded(out var caller, out var refusal) ? refusal
            : await SpendAsync(caller, cost: 1, context.RequestAborted) is { IsGranted: false } own ? Busy with { RetryAfter = LimitReasons.RefusalOf(own).RetryAfter }
            : caller.Actor;
    }

    private static Outcome<Actor> Told(HttpContext context, Actor actor, LimitReport report, LimitReport? beside = null, long cost = 1)
    {
        LimitHeaders.Set(context.Response.Headers, report, beside);
        return report.IsGranted ? actor : LimitReasons.RefusalOf(report, cost);
    }

    /// <summary>Where the limits set on the caller's key stand after the call; null where it has none, which most have.</summary>
    private ValueTask<LimitReport?> SpendAsync(Caller caller, long cost, CancellationToken cancellationToken) =>
        caller.Key is { Limits.OwnCount: > 0 } key
            ? limiter.AcquireAsync(CallOf(caller, key, cost), ownOnly: true, cancellationToken)
            : default;

    private LimitedCall CallOf(Caller caller, KeySnapshot key, long cost) => new(key.OrganizationId, key.Limited, cost, caller.Actor.Origin.Ip, clock.Now());
}
