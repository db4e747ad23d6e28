using KeyPortal.Primitives;

namespace KeyPortal.Offboarding;

/// <summary>What becomes of the keys of a member who goes: one choice for all of them.</summary>
public abstract record KeyFate
{
    /// <summary>As long as anybody may need to replace a key; beyond it a key without an owner would be forgotten.</summary>
    public static readonly TimeSpan LongestNotice = TimeSpan.FromDays(90);

    private KeyFate()
    {
    }

    /// <summary>They go on working, owned by another member, with that member's role.</summary>
    public sealed record Transfer(string ToUserId) : KeyFate;

    /// <summary>They go on working for so long at most, to be replaced meanwhile.</summary>
    public sealed record Retire(TimeSpan After) : KeyFate;

    /// <summary>They end at once and for good.</summary>
    public sealed record Revoke : KeyFate;

    internal Refusal? Check() => this is Retire { After: var after } && (after <= TimeSpan.Zero || after > LongestNotice)
        ? Refusal.Invalid("/retire_in_seconds", $"Keys can be retired within {LongestNotice.TotalDays:0} days at most, and not before now.")
        : null;
}
