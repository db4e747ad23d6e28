using System.Net;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Operations;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Api.ValidationCalls;

/// <summary>
/// <c>GET /api/v1/forward-auth</c>: a gateway (nginx <c>auth_request</c>, Caddy and Traefik <c>forward_auth</c>) hands on its client's headers and asks
/// whether the request may pass. The answer is a status: 204, 401, 403 or 429, with headers for whatever stands behind the gateway.
/// </summary>
internal sealed class ForwardAuthEndpoint(KeyValidator validator, ApiCallers callers, PermissionGate gate)
{
    public const string GatewayHeader = "X-KeyPortal-Gateway";

    /// <summary>For the description of the API.</summary>
    public static readonly string[] AnswerHeaders = ["X-KeyPortal-Key-Id", "X-KeyPortal-Organization-Id", "X-KeyPortal-Agent-Id", "X-KeyPortal-Scopes"];

    private const string WhoseClient = "X-Forwarded-For";

    private static readonly Refusal NoGateway = new(RefusalKind.Unauthenticated, "gateway_unauthenticated",
        $"The gateway's own key is missing, unknown, ended, or may not be used from here. It belongs into {GatewayHeader}.");

    private static readonly Refusal NoKey = new(RefusalKind.Unauthenticated, "unauthenticated", "Send a key as 'X-API-Key: <key>' or 'Authorization: Bearer <key>'.");

    public async Task HandleAsync(HttpContext context)
    {
        var decided = await DecideAsync(context);
        if (!decided.Succeeded(out var result, out var refusal))
        {
            await ProblemAnswer.WriteAsync(context, refusal);
            return;
        }

        var headers = context.Response.Headers;
        if (result.Limits is { } report)
        {
            LimitHeaders.Set(headers, report);
        }

        if (!result.IsValid)
        {
            await ProblemAnswer.WriteAsync(context, result.Limits is { } full ? LimitReasons.RefusalOf(full)
                : new Refusal(KindOf(result.Code), SnakeCase.Of(result.Code), string.Join(' ', result.Reasons.Select(r => r.Detail))));
            return;
        }

        var key = result.Key!;
        headers["X-KeyPortal-Key-Id"] = key.KeyId;
        headers["X-KeyPortal-Organization-Id"] = key.OrganizationId;
        // Always there, if empty: Caddy copies a header that is not there as the name of its own placeholder, and a client's own must never stand in for it.
        headers["X-KeyPortal-Agent-Id"] = "";
        headers["X-KeyPortal-Scopes"] = string.Join(' ', key.Scopes);
        headers.CacheControl = "no-store";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task<Outcome<ValidationResult>> DecideAsync(HttpContext context)
    {
        var gateway = await AuthenticateAsync(context);
        if (!gateway.Succeeded(out var actor, out var refusal))
        {
            return refusal;
        }

        if (await gate.RefuseAsync(actor, Act.ValidateKeys, context.RequestAborted) is { } forbidden)
        {
            return forbidden;
        }

        if (!ForwardedDemand.Read(context.Request.Query).Succeeded(out var demand, out var wrong))
        {
            return wrong;
        }

        var presented = PresentedCredential.ReadForwarded(context.Request);
        return presented.Refusal is { } ambiguous ? ambiguous
            : presented.Value is not { } key ? NoKey
            : await validator.ValidateAsync(actor.OrganizationId, new ValidationRequest
            {
                Key = key,
                Demand = demand with { Ip = AddressOf(context), Origin = context.Request.Headers.Origin },
                Fresh = ValidateEndpoint.WantsFresh(context),
            }, context.RequestAborted);
    }

    private async Task<Outcome<Actor>> AuthenticateAsync(HttpContext context)
    {
        if (context.Request.Headers[GatewayHeader] is not [{ Length: > 0 } own])
        {
            return NoGateway;
        }

        var gateway = await callers.AuthenticateGatewayAsync(context, own);
        return gateway.Refusal is { Kind: RefusalKind.Unauthenticated } ? NoGateway : gateway;
    }

    /// <summary>
    /// The client's address as the gateway saw it: the right-most entry, for all before it is what the client itself sent. None where the gateway sends none:
    /// a key that is bound to networks is then refused.
    /// </summary>
    private static string? AddressOf(HttpContext context)
    {
        var forwarded = (context.Items[ProxyFeature.ForwardedAsSent] ?? context.Request.Headers[WhoseClient]).ToString()!;
        var last = forwarded[(forwarded.LastIndexOf(',') + 1)..].Trim();
        return last.Length == 0 ? null : WithoutPort(last) is var address && AllowedNetwork.TryParseAddress(address, out _) ? address : last;
    }

    /// <summary>With a port behind it (RFC 7239 has them, some proxies add them) an address is still one. By itself .NET would also read <c>10.1:80</c>.</summary>
    private static string WithoutPort(string text) =>
        !IPEndPoint.TryParse(text, out _) ? text
        : text[0] == '[' ? text[1..text.IndexOf(']', StringComparison.Ordinal)]
        : text.Count(c => c == ':') == 1 ? text[..text.IndexOf(':', StringComparison.Ordinal)]
        : text;

    private static RefusalKind KindOf(ValidationCode code) => code switch
    {
        ValidationCode.EnvironmentMismatch or ValidationCode.IpNotAllowed or ValidationCode.OriginNotAllowed or ValidationCode.InsufficientScope or ValidationCode.ResourceNotAllowed
            => RefusalKind.NotAllowed,
        _ => RefusalKind.Unauthenticated,
    };
}

/// <summary>What a gateway demands of its client's key, in the query of the address it was told to ask.</summary>
internal static class ForwardedDemand
{
    /// <summary>For the description of the API.</summary>
    public static readonly string[] Parameters = ["scopes", "resource", "demanded_environment", "X-Forwarded-For", "X-Forwarded-Method", "X-Forwarded-Uri"];

    /// <summary>The demand, or everything that is wrong with it: a gateway set up wrongly must not let its clients through.</summary>
    public static Outcome<KeyDemand> Read(IQueryCollection query)
    {
        var body = new ValidateBody { Key = "" };
        List<FieldError> errors = [];
        foreach (var (name, values) in query)
        {
            if (values is not [{ } value])
            {
                errors.Add(new FieldError("/" + name, $"{name} is given more than once."));
                continue;
            }

            switch (name)
            {
                case "scopes":
                    body.Scopes = value.Contains(',', StringComparison.Ordinal) ? new ScopeDemand(value.Split(',', StringSplitOptions.TrimEntries), null) : new ScopeDemand(null, value);
                    break;
                case "resource":
                    body.Resource = value;
                    break;
                case "environment":
                    body.Environment = value;
                    break;
                default:
                    errors.Add(new FieldError("/" + name, $"{name} is not a parameter of this call."));
                    break;
            }
        }

        var demand = body.ToDemand();
        return errors.Count == 0 ? demand : Refusal.Invalid([.. errors, .. demand.Refusal?.Errors ?? []]);
    }
}
