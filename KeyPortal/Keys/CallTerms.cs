using KeyPortal.Primitives;
using KeyPortal.Storage;

namespace KeyPortal.Keys;

/// <summary>What a caller demands of a change besides the change itself. Held inside its transaction, so that nothing slips in between.</summary>
public sealed record CallTerms
{
    public static readonly CallTerms None = new();

    /// <summary>Is the key still as the caller saw it? Null where that does not matter.</summary>
    public Func<KeyView, bool>? Expects { get; init; }

    public OnceOnly? Once { get; init; }

    /// <summary>For who decides by what a page or an answer has shown of the key.</summary>
    public static CallTerms Seen(KeyView key) => new() { Expects = now => now.Revision == key.Revision };

    internal Refusal? Check(KeyView key) => Expects?.Invoke(key) == false
        ? new Refusal(RefusalKind.Stale, "precondition_failed", "The key has changed since you read it. Read it again, and decide again.")
        : null;
}
