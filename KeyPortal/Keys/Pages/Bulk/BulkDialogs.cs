using KeyPortal.Components;
using KeyPortal.Keys.Bulk;
using Radzen;

namespace KeyPortal.Keys.Pages.Bulk;

/// <summary>Opens the dialogs for many keys. Each answers true when something was done.</summary>
public sealed class BulkDialogs(DialogService dialogs)
{
    public Task<bool> RevokeAsync(BulkSelection selection) => dialogs.AskAsync<BulkRevokeDialog>("Revoke these keys for good?", For(selection));

    public Task<bool> DisableAsync(BulkSelection selection) => dialogs.AskAsync<BulkDisableDialog>("Disable these keys?", For(selection));

    public Task<bool> TagAsync(BulkSelection selection) => dialogs.AskAsync<BulkTagDialog>("Tag these keys", For(selection));

    /// <summary>Not closed by Escape or beside: new secrets are on their way, and nobody else gets them.</summary>
    public async Task<bool> RotateAsync(BulkSelection selection)
    {
        RotatedKeys? keys = null;
        var parameters = For(selection);
        parameters[nameof(BulkRotateDialog.OnIssued)] = (Action<RotatedKeys>)(issued => keys = issued);
        await dialogs.OpenAsync<BulkRotateDialog>("Give these keys new secrets?", parameters, KeyDialogs.Staying("600px"));
        if (keys is null)
        {
            return false;
        }

        try
        {
            await dialogs.OpenAsync<BulkRevealDialog>(keys.Rotated.Count == 0 ? "No key was rotated" : "Store the new secrets now", new Dictionary<string, object?> { [nameof(BulkRevealDialog.Keys)] = keys }, KeyDialogs.Staying("680px"));
        }
        finally
        {
            keys.Clear();
        }

        return true;
    }

    private static Dictionary<string, object?> For(BulkSelection selection) => new() { [nameof(BulkComponent.Selection)] = selection };
}
