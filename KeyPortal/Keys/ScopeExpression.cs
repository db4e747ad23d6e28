using System.Diagnostics.CodeAnalysis;
using KeyPortal.Primitives;

namespace KeyPortal.Keys;

/// <summary>
/// What a call needs: scopes joined by <c>AND</c>, <c>OR</c> and parentheses. AND binds tighter, as in every language that has both.
/// </summary>
/// <remarks>
/// <code>
/// or    = and *( "OR" and )
/// and   = term *( "AND" term )
/// term  = scope / "(" or ")"
/// </code>
/// </remarks>
public abstract record ScopeExpression
{
    public const int MaxLength = 2000;
    private const int MaxDepth = 20;

    private ScopeExpression()
    {
    }

    public abstract bool IsMetBy(IReadOnlyList<Scope> held);

    /// <summary>The expression as <see cref="TryParse"/> reads it; empty where it asks for nothing. Two that ask for the same in the same order are equal, without their texts.</summary>
    public string ToText() => Write(" AND ", " OR ");

    /// <summary>The same in words, for people.</summary>
    public sealed override string ToString() => Write(" and ", " or ");

    /// <summary>How many scopes it names.</summary>
    internal abstract int Size { get; }

    /// <summary>Every one of <paramref name="scopes"/>; an empty list asks for nothing.</summary>
    public static ScopeExpression All(IReadOnlyList<Scope> scopes) => new Every([.. scopes.Select(s => new One(s))]);

    public static bool TryParse(string? text, [NotNullWhen(true)] out ScopeExpression? expression)
    {
        expression = null;
        if (text is null || text.Length > MaxLength)
        {
            return false;
        }

        var words = text.Replace("(", " ( ", StringComparison.Ordinal).Replace(")", " ) ", StringComparison.Ordinal)
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var at = 0;
        expression = ReadOr(words, ref at, 0);
        if (at != words.Length)
        {
            expression = null;
        }

        return expression is not null;
    }

    private static ScopeExpression? ReadOr(string[] words, ref int at, int depth) =>
        ReadList(words, ref at, "OR", depth, ReadAnd) is not { } parts ? null : parts.Count == 1 ? parts[0] : new Any(parts);

    private static ScopeExpression? ReadAnd(string[] words, ref int at, int depth) =>
        ReadList(words, ref at, "AND", depth, ReadTerm) is not { } parts ? null : parts.Count == 1 ? parts[0] : new Every(parts);

    private static List<ScopeExpression>? ReadList(string[] words, ref int at, string joiner, int depth, Reader part)
    {
        List<ScopeExpression> parts = [];
        do
        {
            if (part(words, ref at, depth) is not { } read)
            {
                return null;
            }

            parts.Add(read);
        }
        while (at < words.Length && words[at] == joiner && ++at > 0);
        return parts;
    }

    private static ScopeExpression? ReadTerm(string[] words, ref int at, int depth)
    {
        if (at >= words.Length || depth > MaxDepth)
        {
            return null;
        }

        if (words[at] != "(")
        {
            return Scope.TryParse(words[at++], out var scope) ? new One(scope) : null;
        }

        at++;
        var inner = ReadOr(words, ref at, depth + 1);
        return inner is not null && at < words.Length && words[at++] == ")" ? inner : null;
    }

    private protected abstract string Write(string and, string or);

    private delegate ScopeExpression? Reader(string[] words, ref int at, int depth);

    private sealed record One(Scope Scope) : ScopeExpression
    {
        internal override int Size => 1;

        public override bool IsMetBy(IReadOnlyList<Scope> held) => Scope.AnyCovers(held, Scope);

        // Its text alone tells a scope from another.
        public bool Equals(One? other) => other is not null && Scope.Value == other.Scope.Value;

        public override int GetHashCode() => Scope.Value.GetHashCode(StringComparison.Ordinal);

        private protected override string Write(string and, string or) => Scope.Value;
    }

    private abstract record Several(IReadOnlyList<ScopeExpression> Parts) : ScopeExpression
    {
        internal override int Size { get; } = Parts.Sum(p => p.Size);

        // By index, here as in the matching: asked at every call that is counted.
        public virtual bool Equals(Several? other)
        {
            if (other is null || other.EqualityContract != EqualityContract || other.Parts.Count != Parts.Count)
            {
                return false;
            }

            for (var i = 0; i < Parts.Count; i++)
            {
                if (!Parts[i].Equals(other.Parts[i]))
                {
                    return false;
                }
            }

            return true;
        }

        public override int GetHashCode()
        {
            var hash = Parts.Count;
            for (var i = 0; i < Parts.Count; i++)
            {
                hash = HashCode.Combine(hash, Parts[i]);
            }

            return hash;
        }
    }

    private sealed record Every(IReadOnlyList<ScopeExpression> Parts) : Several(Parts)
    {
        public override bool IsMetBy(IReadOnlyList<Scope> held)
        {
            // By index, for a list of scopes is what most calls ask for: no enumerator, no closure.
            for (var i = 0; i < Parts.Count; i++)
            {
                if (!Parts[i].IsMetBy(held))
                {
                    return false;
                }
            }

            return true;
        }

        private protected override string Write(string and, string or) => string.Join(and, Parts.Select(p => p is Any ? $"({p.Write(and, or)})" : p.Write(and, or)));
    }

    private sealed record Any(IReadOnlyList<ScopeExpression> Parts) : Several(Parts)
    {
        public override bool IsMetBy(IReadOnlyList<Scope> held) => Parts.Any(p => p.IsMetBy(held));

        private protected override string Write(string and, string or) => string.Join(or, Parts.Select(p => p.Write(and, or)));
    }
}
