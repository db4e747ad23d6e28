using KeyPortal.Organizations;
using KeyPortal.Primitives;

namespace KeyPortal.Keys.Policies;

/// <summary>Checks a whole catalogue as it is wanted, against form, KeyPortal's own scopes and the policy. Names every broken rule at once.</summary>
internal sealed class CatalogueRules(IReadOnlyList<CatalogueScope> present, OrganizationPolicy policy)
{
    public const int MaxScopes = 500;
    public const int MaxDescriptionLength = 200;

    private static readonly Dictionary<string, CatalogueScope> Own = CatalogueScope.ForNew("").Where(s => OwnScopes.Includes(s.Name)).ToDictionary(s => s.Name);

    private readonly List<FieldError> _errors = [];

    public Refusal? Check(IReadOnlyList<ScopeInput> wanted)
    {
        if (wanted.Count > MaxScopes)
        {
            return Refusal.Invalid("/data", $"A catalogue may hold {MaxScopes} scopes at most; this holds {wanted.Count}.");
        }

        HashSet<string> names = new(StringComparer.Ordinal);
        for (var i = 0; i < wanted.Count; i++)
        {
            One(wanted[i], $"/data/{i}", names);
        }

        foreach (var own in Own.Keys.Where(name => !names.Contains(name)))
        {
            Fail("/data", $"The scope {own} is KeyPortal's own and never leaves the catalogue.");
        }

        foreach (var approval in policy.ApprovalScopes.Select(Scope.Parse).Where(a => present.Any(s => Covers(a, s.Name)) && !names.Any(name => Covers(a, name))))
        {
            Fail("/data", $"The policy names {approval} among the scopes that need approval. Take it out there before it leaves the catalogue.");
        }

        return _errors.Count == 0 ? null : Refusal.Invalid(_errors);
    }

    private static bool Covers(Scope approval, string name) => approval.Covers(Scope.Parse(name));

    private void Fail(string pointer, string detail) => _errors.Add(new FieldError(pointer, detail));

    private void One(ScopeInput input, string pointer, HashSet<string> names)
    {
        if (TextRules.Check(input.Description, "A description", 0, MaxDescriptionLength) is { } broken)
        {
            Fail(pointer + "/description", broken);
        }

        if (!Scope.TryParse(input.Name, out var scope))
        {
            Fail(pointer + "/name", $"A scope has the form resource:action in lower case, such as invoices:read, and {Scope.MaxLength} characters at most.");
        }
        else if (scope.IsWildcard)
        {
            Fail(pointer + "/name", $"A catalogue lists single scopes. A key may hold {scope} as soon as one of {scope.Resource} is listed.");
        }
        else if (!names.Add(scope.Value))
        {
            Fail(pointer + "/name", $"The catalogue holds {scope} already.");
        }
        else if (Own.TryGetValue(scope.Value, out var own))
        {
            KeepOwn(input, own, pointer);
        }
    }

    /// <summary>Of KeyPortal's own scopes only the words can change: what they open, and to whom, is the program's.</summary>
    private void KeepOwn(ScopeInput input, CatalogueScope own, string pointer)
    {
        if (input.Publishable)
        {
            Fail(pointer + "/publishable", $"The scope {own.Name} is KeyPortal's own and never publishable.");
        }

        if (input.ReadOnly != own.ReadOnly)
        {
            Fail(pointer + "/read_only", $"The scope {own.Name} is KeyPortal's own, and {(own.ReadOnly ? "it reads only" : "it does more than read")}.");
        }
    }
}
