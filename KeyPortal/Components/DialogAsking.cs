using Microsoft.AspNetCore.Components;
using Radzen;

namespace KeyPortal.Components;

/// <summary>The form that dialogs with a decision in them have.</summary>
public static class DialogAsking
{
    /// <summary>Opens one and waits until it is closed; true when it says that something was done.</summary>
    public static async Task<bool> AskAsync<T>(this DialogService dialogs, string title, Dictionary<string, object?>? parameters = null, string width = "600px") where T : ComponentBase =>
        await dialogs.OpenAsync<T>(title, parameters ?? [], new DialogOptions { Width = width, AutoFocusFirstElement = true, CloseAriaLabel = "Close", Style = "max-height: calc(100dvh - 24px)" }) is true;
}
