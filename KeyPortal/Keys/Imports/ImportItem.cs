using KeyPortal.Primitives;

namespace KeyPortal.Keys.Imports;

/// <summary>The hash of a key that another system made, as it was sent: nothing here is checked yet, and what stands in <paramref name="Value"/> may be a key by mistake.</summary>
/// <param name="Algorithm"><c>sha256</c>, <c>sha512</c>, <c>hmac-sha256</c>, <c>bcrypt</c> or <c>argon2id</c>.</param>
/// <param name="Value">Lowercase hexadecimal for the first three, a <c>$…$</c> string for the others.</param>
/// <param name="KeyId">Names the HMAC's key in the settings.</param>
public sealed record HashInput(string? Algorithm, string? Value, string? KeyId)
{
    public override string ToString() => $"{nameof(HashInput)} {{ {Algorithm} }}";
}

/// <summary>One key to be imported: all that a new key takes, and the hash of its secret in the place of a new one.</summary>
public sealed record ImportItem
{
    public required KeyInput Input { get; init; }

    public KeyType Type { get; init; } = KeyType.Secret;

    public KeyEnvironment Environment { get; init; } = KeyEnvironment.Test;

    public required HashInput Hash { get; init; }

    /// <summary>How the key begins: what people recognise it by, and how it is found where the hash is a slow one.</summary>
    public string? Start { get; init; }

    /// <summary>What could not even be read where the item comes from; it is refused with these.</summary>
    public IReadOnlyList<FieldError> Faults { get; init; } = [];
}

/// <summary>What became of one item, or would: its new key, or why it was refused. Pointers lead into what was sent: <c>/keys/3/hash/value</c>.</summary>
/// <param name="KeyId">Null where it was refused, and where nothing was written yet.</param>
public sealed record ImportAnswer(int Index, string Name, string? KeyId, Refusal? Refusal);
