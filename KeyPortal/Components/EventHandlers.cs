using Microsoft.AspNetCore.Components;

namespace KeyPortal.Components;

/// <summary>The browser's events that Blazor does not know by itself. The compiler looks for a class of this name.</summary>
[EventHandler("onfocusleave", typeof(FocusLeaveEventArgs))]
public static class EventHandlers
{
}
