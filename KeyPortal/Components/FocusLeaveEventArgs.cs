namespace KeyPortal.Components;

/// <summary>The focus left something inside an element. The browser says where it went, so nobody has to wait and see (wwwroot-assets/js/portal.js).</summary>
public sealed class FocusLeaveEventArgs : EventArgs
{
    /// <summary>Is the focus still within the same menu?</summary>
    public bool Stays { get; set; }
}
