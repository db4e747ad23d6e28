using KeyPortal.Components;
using KeyPortal.Keys.Pages.Policies;
using Radzen;

namespace KeyPortal.Keys.Pages;

/// <summary>Opens the dialogs of the key pages and runs what was decided in them. Each answers true when something changed.</summary>
public sealed class KeyDialogs(DialogService dialogs, PageActs acts, KeySuspension suspension)
{
    public async Task<bool> CreateAsync()
    {
        RevealedSecret? secret = null;
        await dialogs.AskAsync<CreateKeyDialog>("Create a key", new() { [nameof(CreateKeyDialog.OnIssued)] = (Action<RevealedSecret>)(issued => secret = issued) });
        return await RevealAsync(secret, "Store this key now");
    }

    public async Task<bool> RotateAsync(KeyView key)
    {
        RevealedSecret? secret = null;
        await dialogs.AskAsync<RotateKeyDialog>("Give this key a new secret?", new()
        {
            [nameof(RotateKeyDialog.Key)] = key,
            [nameof(RotateKeyDialog.OnIssued)] = (Action<RevealedSecret>)(issued => secret = issued),
        });
        return await RevealAsync(secret, "Store the new secret now");
    }

    public Task<bool> ExtendAsync(KeyView key) => dialogs.AskAsync<GraceDialog>("How long should the old secret live on?", new() { [nameof(GraceDialog.Key)] = key });

    public Task<bool> EndPreviousAsync(KeyView key) => dialogs.AskAsync<EndPreviousDialog>("End the old secret now?", new() { [nameof(EndPreviousDialog.Key)] = key });

    /// <summary>A dialog that neither Escape nor a click beside it closes: a secret in it would be lost.</summary>
    internal static DialogOptions Staying(string width) => new()
    {
        Width = width,
        ShowClose = false,
        CloseDialogOnEsc = false,
        CloseDialogOnOverlayClick = false,
        AutoFocusFirstElement = true,
        Style = "max-height: calc(100dvh - 24px)",
    };

    /// <summary>Shows a secret until its maker has stored it; true when there was one.</summary>
    private async Task<bool> RevealAsync(RevealedSecret? secret, string title)
    {
        if (secret is null)
        {
            return false;
        }

        try
        {
            await dialogs.OpenAsync<RevealDialog>(title, new Dictionary<string, object?> { [nameof(RevealDialog.Secret)] = secret }, Staying("560px"));
        }
        finally
        {
            secret.Clear();
        }

        return true;
    }

    /// <param name="atLimits">Begins where limits are set.</param>
    public Task<bool> EditAsync(KeyView key, bool atLimits = false) =>
        dialogs.AskAsync<EditKeyDialog>("Edit the key", new() { [nameof(EditKeyDialog.Key)] = key, [nameof(EditKeyDialog.AtLimits)] = atLimits }, focusesItself: atLimits);

    public Task<bool> RevokeAsync(KeyView key) => dialogs.AskAsync<RevokeKeyDialog>("Revoke this key for good?", new() { [nameof(RevokeKeyDialog.Key)] = key });

    public Task<bool> DisableAsync(KeyView key) => dialogs.AskAsync<DisableKeyDialog>("Disable this key?", new() { [nameof(DisableKeyDialog.Key)] = key });

    public Task<bool> ApproveAsync(KeyView key) => dialogs.AskAsync<ApproveKeyDialog>("Approve this key?", new() { [nameof(ApproveKeyDialog.Key)] = key });

    public Task<bool> DeclineAsync(KeyView key) => dialogs.AskAsync<DeclineKeyDialog>("Decline this key?", new() { [nameof(DeclineKeyDialog.Key)] = key });

    public Task<bool> EnableAsync(KeyView key) =>
        acts.RunAsync(actor => suspension.EnableAsync(actor, key.Id), "The key is enabled. Calls with it are answered again.");
}
