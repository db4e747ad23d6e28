using KeyPortal.Components;
using KeyPortal.Limits;
using Radzen;

namespace KeyPortal.Keys.Pages.Policies;

/// <summary>Opens the dialogs of the tiers' page. Each answers true when something changed.</summary>
public sealed class TierDialogs(DialogService dialogs)
{
    public Task<bool> AddAsync() => dialogs.AskAsync<TierDialog>("Add a tier");

    public Task<bool> EditAsync(LimitTier tier, int? keys) => dialogs.AskAsync<TierDialog>("Edit the tier", new() { [nameof(TierDialog.Tier)] = tier, [nameof(TierDialog.Keys)] = keys });

    public Task<bool> RemoveAsync(LimitTier tier) => dialogs.AskAsync<RemoveTierDialog>("Remove this tier?", new() { [nameof(RemoveTierDialog.Tier)] = tier });

    public Task<bool> ChooseDefaultAsync(TierList list, int? keys) => dialogs.AskAsync<DefaultTierDialog>(
        "Choose the default tier", new() { [nameof(DefaultTierDialog.List)] = list, [nameof(DefaultTierDialog.Keys)] = keys });
}
