using KeyPortal.Keys.Policies;
using KeyPortal.Primitives;

namespace KeyPortal.Api.PolicyCalls;

/// <summary>What <c>PUT /api/v1/scopes</c> takes: the whole catalogue.</summary>
internal sealed record CatalogueBody
{
    public IReadOnlyList<ScopeBody?>? Data { get; init; }

    public Outcome<IReadOnlyList<ScopeInput>> ToInput() => Data is null
        ? Refusal.Invalid("/data", "Send the whole catalogue as a list of scopes.")
        : Data.Select(scope => new ScopeInput(scope?.Name, scope?.Description, scope?.Publishable ?? false, scope?.ReadOnly ?? false)).ToList();
}

internal sealed record ScopeBody
{
    public string? Name { get; init; }

    public string? Description { get; init; }

    public bool Publishable { get; init; }

    public bool ReadOnly { get; init; }
}

/// <summary>What <c>POST /api/v1/api-keys/{id}/decline</c> may take; no body at all is fine too.</summary>
internal sealed record DeclineBody
{
    public static readonly DeclineBody None = new();

    public string? Reason { get; init; }
}
