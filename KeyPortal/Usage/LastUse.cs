namespace KeyPortal.Usage;

/// <summary>One version of a key's credential.</summary>
internal readonly record struct UsedSecret(string KeyId, int Version);

/// <summary>When and from where a secret was last used.</summary>
internal readonly record struct LastUse(string OrganizationId, DateTimeOffset At, string? Ip);
