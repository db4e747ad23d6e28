namespace KeyPortal.Primitives;

public enum ActorType
{
    Member,
    ApiKey,
    System,
}

/// <summary>Where an act came from. All three are absent for what the program does by itself.</summary>
public sealed record Origin(string? Ip, string? UserAgent, string? RequestId)
{
    public const int MaxUserAgentLength = 512;

    public static readonly Origin None = new(null, null, null);

    /// <summary>Cut to <see cref="MaxUserAgentLength"/>: it is a header anyone may fill, and every audit entry keeps it.</summary>
    public string? UserAgent { get; } = Cut(UserAgent);

    public static string? Cut(string? userAgent) => userAgent is { Length: > MaxUserAgentLength } ? userAgent[..MaxUserAgentLength] : userAgent;
}

/// <summary>
/// Who does something, in which organization, and by what right. A key acts for the member who owns it (<see cref="MemberId"/>),
/// with that member's role of this moment and no more than the key's own scopes.
/// </summary>
public sealed record Actor
{
    public required ActorType Type { get; init; }

    /// <summary>The member's or the key's id; <c>system</c> for the program itself.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string OrganizationId { get; init; }

    public required Role Role { get; init; }

    /// <summary>The member whose role counts and to whom new keys belong.</summary>
    public required string MemberId { get; init; }

    /// <summary>A key's scopes; null for a person, who is bound by the role alone.</summary>
    public IReadOnlyList<Scope>? Scopes { get; init; }

    public Origin Origin { get; init; } = Origin.None;

    /// <summary>The session a person acts in; null for keys and for the program itself.</summary>
    public string? SessionId { get; init; }

    /// <summary>The organization wants a second factor and this person has none: nothing is open but their own account, to set one up.</summary>
    public bool MustSetUpSecondFactor { get; init; }

    public Reach ReachOf(Act act) =>
        !Holds(Permissions.ScopeFor(act)) || (MustSetUpSecondFactor && act != Act.ChangeOwnAccount) ? Reach.None : Permissions.Of(Role, act);

    public bool May(Act act) => ReachOf(act) != Reach.None;

    /// <summary>True where the act is open to the actor on a thing that <paramref name="ownerId"/> owns.</summary>
    public bool May(Act act, string ownerId) => ReachOf(act) switch
    {
        Reach.All => true,
        Reach.Own => ownerId == MemberId,
        _ => false,
    };

    /// <summary>May the actor hand this one of KeyPortal's own scopes to a key? Nobody hands on what they lack.</summary>
    public bool MayGrant(Scope ownScope) => Holds(ownScope) && Permissions.MayGrant(Role, ownScope);

    /// <summary>A person holds every scope; a key those it was given, and never one that does not exist: some acts are for people alone.</summary>
    private bool Holds(Scope? scope) => Scopes is null || (scope is not null && Scope.AnyCovers(Scopes, scope));

    public static Actor System(string organizationId) => new()
    {
        Type = ActorType.System,
        Id = "system",
        Name = "KeyPortal",
        OrganizationId = organizationId,
        Role = Role.Owner,
        MemberId = "system",
    };
}
