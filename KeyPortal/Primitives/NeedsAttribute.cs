namespace KeyPortal.Primitives;

/// <summary>
/// Names the row of the role × act table (<see cref="Permissions"/>) that a command, a page or an endpoint stands under. The command itself asks the
/// gate; this says what it asks for, so that a test can hold every one of them against the table.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class)]
public sealed class NeedsAttribute(Act act) : Attribute
{
    public Act Act { get; } = act;
}

/// <summary>Says why a command, a page or an endpoint stands under no row of the table.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class)]
public sealed class NeedsNothingAttribute(string because) : Attribute
{
    /// <summary>Who may, and why that is right: half a sentence.</summary>
    public string Because { get; } = because;
}
