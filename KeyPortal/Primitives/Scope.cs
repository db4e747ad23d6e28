using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace KeyPortal.Primitives;

/// <summary>
/// One permission a key holds: <c>resource:action</c>, such as <c>triggers:read</c> or <c>billing.invoices:*</c>.
/// A scope ending in <c>:*</c> covers every action of that resource; nothing else is implied by anything.
/// </summary>
public sealed partial record Scope
{
    public const int MaxLength = 100;

    private Scope(string value, string resource, string action)
    {
        Value = value;
        Resource = resource;
        Action = action;
    }

    public string Value { get; }

    /// <summary>What stands before the colon.</summary>
    public string Resource { get; }

    /// <summary>What stands after the colon; <c>*</c> for every action.</summary>
    public string Action { get; }

    public bool IsWildcard => Action == "*";

    public bool Covers(Scope other) => Resource == other.Resource && (IsWildcard || Action == other.Action);

    /// <summary>Does one of <paramref name="held"/> cover what is needed? Asked at every validation, so by index: no enumerator, no closure.</summary>
    public static bool AnyCovers(IReadOnlyList<Scope> held, Scope needed)
    {
        for (var i = 0; i < held.Count; i++)
        {
            if (held[i].Covers(needed))
            {
                return true;
            }
        }

        return false;
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out Scope? scope)
    {
        scope = null;
        if (text is null || text.Length > MaxLength || !Form().IsMatch(text))
        {
            return false;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        scope = new Scope(text, text[..colon], text[(colon + 1)..]);
        return true;
    }

    public static Scope Parse(string text) => TryParse(text, out var scope) ? scope : throw new FormatException($"'{text}' is not a scope.");

    public override string ToString() => Value;

    [GeneratedRegex(@"^[a-z0-9-]+(\.[a-z0-9-]+)*:([a-z-]+|\*)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
