using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace KeyPortal.Components;

/// <summary>
/// Moves the focus to the heading of the page one came to, so that a screen reader reads it. A page that was loaded anew may already have been taken to hand while its
/// circuit was on the way: the framework's FocusOnNavigate would snatch the focus out of the field or the menu somebody has just opened.
/// </summary>
public sealed class HeadingFocus(IJSRuntime browser) : ComponentBase
{
    private Type? _shown;
    private bool _arrived;

    [Parameter, EditorRequired]
    public Microsoft.AspNetCore.Components.RouteData RouteData { get; set; } = null!;

    protected override void OnParametersSet()
    {
        _arrived |= RouteData.PageType != _shown;
        _shown = RouteData.PageType;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_arrived)
        {
            _arrived = false;
            await browser.InvokeVoidAsync("keyportal.focusHeading", firstRender);
        }
    }
}
