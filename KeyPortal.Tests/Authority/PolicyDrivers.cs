using KeyPortal.Keys.Policies;
using KeyPortal.Primitives;

namespace KeyPortal.Tests.Authority;

/// <summary>Drivers of the policy, the catalogue, the tiers and approval.</summary>
internal static partial class CommandDrivers
{
    private static IEnumerable<KeyValuePair<string, CommandDriver>> Policies =>
    [
        new("PolicyEditing.ReadAsync", Unaimed((s, a) => s.Get<PolicyEditing>().ReadAsync(a))),
        new("PolicyEditing.EditAsync", Unaimed((s, a) => s.Get<PolicyEditing>().EditAsync(a, p => p))),
        new("CatalogueEditing.ReadAsync", Unaimed((s, a) => s.Get<CatalogueEditing>().ReadAsync(a))),
        new("CatalogueEditing.EditAsync", Unaimed((s, a) => s.Get<CatalogueEditing>().EditAsync(a, scopes => scopes))),
        new("TierEditing.ReadAsync", Unaimed((s, a) => s.Get<TierEditing>().ReadAsync(a))),
        new("TierEditing.EditAsync", Unaimed((s, a) => s.Get<TierEditing>().EditAsync(a, tiers => tiers))),
        new("TierHolders.CountAsync", Unaimed((s, a) => s.Get<TierHolders>().CountAsync(a))),
        new("ScopeHolders.CountAsync", Unaimed((s, a) => s.Get<ScopeHolders>().CountAsync(a))),
        new("KeyApproval.WaitingAsync", Unaimed((s, a) => s.Get<KeyApproval>().WaitingAsync(a, 5))),
        new("KeyApproval.CountApproversAsync", Unaimed((s, a) => s.Get<KeyApproval>().CountApproversAsync(a))),
        new("KeyApproval.StandingAsync", OnKey((s, a, key) => s.Get<KeyApproval>().StandingAsync(a, key))),
        new("KeyApproval.ApproveAsync", OnPendingKey((s, a, key) => s.Get<KeyApproval>().ApproveAsync(a, key))),
        new("KeyApproval.DeclineAsync", OnPendingKey((s, a, key) => s.Get<KeyApproval>().DeclineAsync(a, key))),
    ];

    /// <summary>Nobody decides on a key of their own, whatever their role.</summary>
    private static CommandDriver OnPendingKey<T>(Func<MatrixStage, Actor, string, Task<Outcome<T>>> act) =>
        new(async (s, a, whose) => IsDone(await act(s, a, await s.PendingKeyAsync(s.Holder(a, whose)))), CommandDriver.Others);
}
