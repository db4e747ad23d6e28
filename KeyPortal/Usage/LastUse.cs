namespace KeyPortal.Usage;

/// <summary>When and from where a key was last used.</summary>
internal readonly record struct LastUse(string OrganizationId, DateTimeOffset At, string? Ip);
