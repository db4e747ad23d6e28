using KeyPortal.Primitives;

namespace KeyPortal.Api.Description;

/// <summary>What a call wants to know of its caller.</summary>
internal enum ApiCredential
{
    /// <summary>A key or an access token.</summary>
    Any,

    /// <summary>A key that asks about itself; no person can.</summary>
    Key,

    AccessToken,

    /// <summary>A gateway's own key beside its client's.</summary>
    Gateway,

    None,
}

/// <summary>
/// What the description of the API says of one route; hangs on the route itself, so that neither can be there without the other.
/// Schemas are those of <c>Description/Schemas/*.json</c>, tags and parameters those of <c>Description/document.json</c>.
/// </summary>
/// <remarks><paramref name="Answer"/> is the schema of the answer; null where it has no body.</remarks>
internal sealed record ApiOperation(string Tag, string Id, string Summary, string? Answer)
{
    public ApiCredential Credential { get; init; }

    /// <summary>The row of the role × act table that the call stands under; null where <see cref="NeedsNoActBecause"/> says why there is none.</summary>
    public Act? Act { get; init; }

    public string? NeedsNoActBecause { get; init; }

    public int Success { get; init; } = StatusCodes.Status200OK;

    /// <summary>The schema of the body; null where none is taken.</summary>
    public string? Body { get; init; }

    public string BodyType { get; init; } = "application/json";

    public bool BodyIsOptional { get; init; }

    /// <summary>Names of the parameters besides the path's and those that follow from the other properties.</summary>
    public IReadOnlyList<string> Parameters { get; init; } = [];

    /// <summary>Headers of the successful answer besides those that follow from the other properties.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary>Answers with an <c>ETag</c>; a call that changes something honours <c>If-Match</c> as well.</summary>
    public bool HasETag { get; init; }

    /// <summary>Honours <c>Idempotency-Key</c>.</summary>
    public bool IsIdempotent { get; init; }

    /// <summary>Problems besides those any call may meet: 500 and 503, with a credential 400, 401, 404 and 429 too, and 422 where it may be a person's.</summary>
    public int[] Problems { get; init; } = [];
}
