using KeyPortal.Limits;
using KeyPortal.Primitives;

namespace KeyPortal.Keys.Policies;

/// <summary>Checks an organization's tiers as they are wanted, against form and the keys that take from those of now. Names every broken rule at once.</summary>
internal sealed class TierRules(TierList present, TierHolding holding)
{
    public const int MaxTiers = 20;
    public const int MaxDescriptionLength = 200;

    private readonly List<FieldError> _errors = [];

    public Outcome<TierList> Check(TierListInput wanted)
    {
        if (wanted.Tiers.Count > MaxTiers)
        {
            return Refusal.Invalid("/data", $"An organization may have {MaxTiers} tiers at most; this has {wanted.Tiers.Count}.");
        }

        List<LimitTier> tiers = [];
        for (var i = 0; i < wanted.Tiers.Count; i++)
        {
            One(wanted.Tiers[i], $"/data/{i}", tiers);
        }

        foreach (var gone in present.Tiers.Where(t => holding.Of(t.Name) > 0 && !tiers.Exists(kept => kept.Name == t.Name)))
        {
            var count = holding.Of(gone.Name);
            Fail("/data", count == 1
                ? $"1 key takes from the tier {gone.Name}. Give it another one first."
                : $"{count:N0} keys take from the tier {gone.Name}. Give them another one first.");
        }

        if (wanted.DefaultTier is not null && !tiers.Exists(t => t.Name == wanted.DefaultTier))
        {
            Fail("/default_tier", "The default is one of the tiers, or null for none.");
        }

        return _errors.Count == 0 ? new TierList(tiers, wanted.DefaultTier) : Refusal.Invalid(_errors);
    }

    private void Fail(string pointer, string detail) => _errors.Add(new FieldError(pointer, detail));

    private void One(TierInput? input, string at, List<LimitTier> tiers)
    {
        if (input is null)
        {
            Fail(at, "A tier is an object with name, description, rate_limits and quotas.");
            return;
        }

        if (input.Name is null || !LimitRules.NameForm.IsMatch(input.Name))
        {
            Fail(at + "/name", $"A tier's name has 1 to {LimitRules.MaxNameLength} of a–z, 0–9, - and _, such as standard.");
        }
        else if (tiers.Exists(t => t.Name == input.Name))
        {
            Fail(at + "/name", $"Two tiers are called {input.Name}. Each name stands for one.");
        }

        if (TextRules.Check(input.Description, "A description", 0, MaxDescriptionLength) is { } broken)
        {
            Fail(at + "/description", broken);
        }

        // Kept though it may be wrong: what is said of the list as a whole goes by the names that are wanted.
        tiers.Add(new LimitTier(
            input.Name ?? "", input.Description ?? "", LimitRules.RateLimits(List(input.RateLimits, at + "/rate_limits"), Fail, at + "/rate_limits"), LimitRules.Quotas(List(input.Quotas, at + "/quotas"), Fail, at + "/quotas")));
    }

    private IReadOnlyList<T> List<T>(IReadOnlyList<T>? items, string pointer)
    {
        if (items is null)
        {
            Fail(pointer, "This must be a list. An empty one stands for no such limits.");
        }

        return items ?? [];
    }
}
