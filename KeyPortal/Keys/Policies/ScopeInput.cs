namespace KeyPortal.Keys.Policies;

/// <summary>One scope of a catalogue as it was typed or sent: nothing here is checked yet.</summary>
public sealed record ScopeInput(string? Name, string? Description = null, bool Publishable = false, bool ReadOnly = false)
{
    public static ScopeInput Of(CatalogueScope scope) => new(scope.Name, scope.Description, scope.Publishable, scope.ReadOnly);
}
