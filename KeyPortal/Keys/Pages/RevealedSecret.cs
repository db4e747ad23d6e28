namespace KeyPortal.Keys.Pages;

/// <summary>
/// Holds the one copy of a plaintext key between its creation and the moment its maker has stored it. Dialogs keep their parameters, so they are
/// given this, never the text: cleared, it leaves nothing in the circuit for a reconnect or a memory dump to find.
/// </summary>
public sealed class RevealedSecret(PlaintextKey key)
{
    private PlaintextKey? _key = key;

    public string Start { get; } = key.Start;

    /// <summary>Is its key refused until a second person approves it?</summary>
    public bool Waits { get; init; }

    /// <summary>The plaintext; null once cleared.</summary>
    public string? Plaintext => _key?.Expose();

    public void Clear() => _key = null;

    public override string ToString() => Start + "…";
}
