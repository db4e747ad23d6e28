using Microsoft.AspNetCore.Components;
using Radzen;

namespace KeyPortal.Components;

/// <summary>The form that dialogs with a decision in them have.</summary>
public static class DialogAsking
{
    /// <summary>Opens one and waits until it is closed; true when it says that something was done.</summary>
    /// <param name="focusesItself">The dialog takes the focus to where its work begins; two that both do would race.</param>
    public static async Task<bool> AskAsync<T>(this DialogService dialogs, string title, Dictionary<string, object?>? parameters = null, string width = "600px", bool focusesItself = false)
        where T : ComponentBase =>
        await dialogs.OpenAsync<T>(title, parameters ?? [],
            new DialogOptions { Width = width, AutoFocusFirstElement = !focusesItself, CloseAriaLabel = "Close", Style = "max-height: calc(100dvh - 24px)" }) is true;
}
