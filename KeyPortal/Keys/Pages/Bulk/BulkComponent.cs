using KeyPortal.Components;
using KeyPortal.Keys.Bulk;
using KeyPortal.Primitives;
using KeyPortal.Usage;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace KeyPortal.Keys.Pages.Bulk;

/// <summary>A dialog about many keys: it shows which before it asks, and closes with what was done.</summary>
public abstract class BulkComponent : ComponentBase, IDisposable
{
    private bool _isGone;

    [Inject]
    protected PageActs Acts { get; set; } = null!;

    [Inject]
    protected DialogService Dialogs { get; set; } = null!;

    [Inject]
    protected KeyBulk Bulk { get; set; } = null!;

    [Inject]
    private NotificationService Notifications { get; set; } = null!;

    [Inject]
    private UsageQueries Usage { get; set; } = null!;

    [Parameter, EditorRequired]
    public BulkSelection Selection { get; set; } = null!;

    protected BulkAsking Asking { get; private set; } = null!;

    protected abstract BulkAction Action { get; }

    protected override async Task OnInitializedAsync()
    {
        Asking = new BulkAsking(Acts, Usage, () => _ = InvokeAsync(StateHasChanged));
        await Asking.LookAsync(actor => Bulk.PreviewAsync(actor, Action, Selection));
    }

    /// <summary>Does it, and tells how many it was done for.</summary>
    protected async Task RunAsync(Func<Actor, int, BulkWatch, Task<Outcome<BulkResult>>> act, string done, string effect)
    {
        if (await Asking.RunAsync(act) is { } result)
        {
            Notifications.Notify(NotificationSeverity.Success, BulkWords.Of(result, done, effect), duration: 6000);
            Close();
        }
    }

    /// <summary>Closes this dialog; where it was left while it worked, another may stand in its place.</summary>
    protected void Close()
    {
        if (!_isGone)
        {
            Dialogs.Close(true);
        }
    }

    public void Dispose()
    {
        _isGone = true;
        Asking?.Dispose();
        GC.SuppressFinalize(this);
    }
}
