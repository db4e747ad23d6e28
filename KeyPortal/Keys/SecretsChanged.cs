namespace KeyPortal.Keys;

/// <summary>A commit adds or changes the keys behind these hashes: whatever is remembered of them, or of their absence, is out of date.</summary>
internal sealed record SecretsChanged(IReadOnlyList<LookupHash> Hashes);
