using KeyPortal.Access;
using KeyPortal.Components;
using KeyPortal.Primitives;
using Microsoft.AspNetCore.Components;

namespace KeyPortal.Keys.Pages;

/// <summary>Asks, while a form about a key is being changed, what the change so far would have done to the calls of the last days.</summary>
public abstract class EffectNote<TEffect> : ComponentBase where TEffect : class
{
    /// <summary>Ticking three boxes asks once.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private string? _asked;

    [Parameter, EditorRequired]
    public KeyView Key { get; set; } = null!;

    [Parameter, EditorRequired]
    public KeyDraft Draft { get; set; } = null!;

    [Inject]
    private CurrentMember Current { get; set; } = null!;

    [Inject]
    private PageActs Acts { get; set; } = null!;

    /// <summary>Null while it is being asked, and where the form is <see cref="IsUnfinished"/>.</summary>
    protected TEffect? Told { get; private set; }

    protected bool IsUnfinished { get; private set; }

    /// <summary>Is there something to tell, to somebody who may know?</summary>
    protected bool IsShown => MayRead && IsChanged;

    /// <summary>Everything that the effect depends on.</summary>
    protected abstract string Wanted { get; }

    protected abstract bool IsChanged { get; }

    private bool MayRead { get; set; }

    /// <summary>True when calls would have been refused and nobody could read so yet: whoever saves is shown it first.</summary>
    public async Task<bool> HoldsBackAsync()
    {
        if (!IsShown || (Told is not null && _asked == Wanted))
        {
            return false;
        }

        await AskAsync();
        StateHasChanged();
        return Told is { } effect && Harms(effect);
    }

    protected abstract bool Harms(TEffect effect);

    protected abstract Task<Outcome<TEffect>> ReadAsync(Actor actor);

    protected override async Task OnInitializedAsync() => MayRead = (await Current.RequireAsync()).May(Act.ReadUsage, Key.OwnerId);

    protected override async Task OnParametersSetAsync()
    {
        var wanted = Wanted;
        if (!MayRead || wanted == _asked)
        {
            return;
        }

        (_asked, Told, IsUnfinished) = (wanted, null, false);
        await Task.Delay(Pause);
        if (IsChanged && Told is null && wanted == Wanted)
        {
            await AskAsync();
        }
    }

    private async Task AskAsync()
    {
        var wanted = Wanted;
        var outcome = await Acts.TryAsync(ReadAsync);
        if (wanted == Wanted && outcome is { } answer)
        {
            (_asked, Told, IsUnfinished) = (wanted, answer.Refusal is null ? answer.Value : null, answer.Refusal is { Errors.Count: > 0 });
        }
    }
}
