using KeyPortal.Access;
using KeyPortal.Keys.Policies;
using KeyPortal.Limits;
using KeyPortal.Organizations;
using KeyPortal.Primitives;

namespace KeyPortal.Keys.Pages;

/// <summary>What a form about a key has to know to offer only what can be chosen.</summary>
public sealed record KeyTerms(Actor Actor, IReadOnlyList<CatalogueScope> Catalogue, OrganizationPolicy Policy, TierList Tiers, bool HasSecondFactor)
{
    /// <summary>Would a new key like this wait for a second person?</summary>
    public bool NeedsApproval(KeyDraft draft) => draft.Environment == KeyEnvironment.Live && ApprovalNeed.IsIn(draft.Scopes, Policy);

    /// <summary>Must a new key like this say where it is used from?</summary>
    public bool NeedsPlace(KeyDraft draft) => draft.Environment == KeyEnvironment.Live && Policy.NetworksRequiredForLive;

    /// <summary>Does the policy leave limits to others than the person before the form?</summary>
    public bool LimitsAreFixed => LimitGrant.IsLeftToOthers(Actor, Policy);

    public static async Task<KeyTerms> ReadAsync(CurrentMember current, ScopeCatalogue catalogue, Membership membership, TierEditing tiers, SecondFactorList factors)
    {
        var actor = await current.RequireAsync();
        // Whoever may not read tiers may not save the form either; that is for its command to say.
        var list = (await tiers.ReadAsync(actor)).Succeeded(out var read, out _) ? read : TierList.Initial;
        return new KeyTerms(actor, await catalogue.ListAsync(actor), await membership.PolicyAsync(actor.OrganizationId), list, (await factors.OfAsync(actor)).HasAny);
    }
}
