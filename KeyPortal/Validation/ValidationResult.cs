using KeyPortal.Keys;
using KeyPortal.Limits;

namespace KeyPortal.Validation;

/// <summary>A key a client presented, and what the call says of itself.</summary>
public sealed record ValidationRequest
{
    /// <summary>As presented; anything at all.</summary>
    public required string? Key { get; init; }

    public KeyDemand Demand { get; init; } = KeyDemand.Nothing;

    /// <summary>What the call costs of the key's limits; 1 or more.</summary>
    public long Cost { get; init; } = 1;

    /// <summary>Read the database whatever is remembered.</summary>
    public bool Fresh { get; init; }

    /// <summary>Without the key, which a record would print.</summary>
    public override string ToString() => $"{nameof(ValidationRequest)} {{ {Demand} }}";
}

/// <summary>The decision. <paramref name="Code"/> is the first of <paramref name="Reasons"/>, or <c>valid</c> with none; <paramref name="Key"/> is null where there is no such key for this caller.</summary>
public sealed record ValidationResult(ValidationCode Code, KeySnapshot? Key, IReadOnlyList<ValidationReason> Reasons)
{
    /// <summary>What will end the key's good days though it is valid now; empty for most.</summary>
    public IReadOnlyList<KeyWarning> Warnings { get; init; } = [];

    /// <summary>Where the key's limits stand after a call that was valid or that they refused; null where it has none, or was refused for another reason.</summary>
    public LimitReport? Limits { get; init; }

    public bool IsValid => Code == ValidationCode.Valid;
}
