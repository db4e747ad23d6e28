using KeyPortal.Components;
using Radzen;

namespace KeyPortal.Keys.Pages.Policies;

/// <summary>Opens the dialogs of the scopes' page. Each answers true when something changed.</summary>
public sealed class ScopeDialogs(DialogService dialogs)
{
    public Task<bool> AddAsync() => dialogs.AskAsync<ScopeDialog>("Add a scope");

    public Task<bool> EditAsync(CatalogueScope scope) => dialogs.AskAsync<ScopeDialog>("Edit the scope", new() { [nameof(ScopeDialog.Scope)] = scope });

    public Task<bool> RemoveAsync(CatalogueScope scope) => dialogs.AskAsync<RemoveScopeDialog>("Remove this scope?", new() { [nameof(RemoveScopeDialog.Scope)] = scope });
}
