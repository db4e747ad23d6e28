using KeyPortal.Organizations;
using KeyPortal.Primitives;

namespace KeyPortal.Keys.Policies;

/// <summary>Checks a <see cref="PolicyInput"/>, each part alone and against the others, and writes it onto a policy. Names every broken rule at once.</summary>
internal sealed class PolicyRules(IReadOnlyList<CatalogueScope> catalogue)
{
    public const int MaxApprovalScopes = 100;

    private readonly List<FieldError> _errors = [];

    public Refusal? Apply(PolicyInput input, OrganizationPolicy policy)
    {
        Between(input.MaxLifetimeSeconds, 1, OrganizationPolicy.MaxSeconds, "/max_lifetime_seconds", "The longest lifetime has", " seconds (100 years)");
        Between(input.KeysPerMember, 1, OrganizationPolicy.MaxKeysPerMember, "/keys_per_member", "A member may own", " keys");
        Between(input.DefaultGracePeriodSeconds, 0, PolicySettings.MaxGracePeriodSeconds, "/default_grace_period_seconds", "A grace period has", " seconds (30 days)");
        Between(input.RotationAgeSeconds, 1, OrganizationPolicy.MaxSeconds, "/rotation_age_seconds", "The rotation age has", " seconds (100 years)");
        var expiry = Expiry(input);
        var scopes = ApprovalScopes(input.ApprovalScopes);
        if (_errors.Count > 0)
        {
            return Refusal.Invalid(_errors);
        }

        policy.DefaultExpiry = expiry;
        policy.MaxLifetimeSeconds = input.MaxLifetimeSeconds;
        policy.NeverExpiresAllowed = input.NeverExpiresAllowed;
        policy.KeysPerMember = (int)input.KeysPerMember;
        policy.DefaultGracePeriodSeconds = input.DefaultGracePeriodSeconds;
        policy.RotationAgeSeconds = input.RotationAgeSeconds;
        policy.NetworksRequiredForLive = input.NetworksRequiredForLive;
        policy.ApprovalScopes = scopes;
        policy.LimitsByAdmins = input.LimitsByAdmins;
        return null;
    }

    private void Fail(string pointer, string detail) => _errors.Add(new FieldError(pointer, detail));

    private void Between(long? value, long least, long most, string pointer, string subject, string unit)
    {
        if (value < least || value > most)
        {
            Fail(pointer, $"{subject} {least:N0} to {most:N0}{unit}.");
        }
    }

    /// <summary>A default that the other two rules forbid would make every key fail whose maker leaves the choice to the policy.</summary>
    private ExpiryChoice Expiry(PolicyInput input)
    {
        const string Pointer = "/default_expires_in";
        if (!ExpiryChoices.TryParse(input.DefaultExpiresIn, out var choice))
        {
            Fail(Pointer, "The default expiry is never, 30d, 90d or 1y.");
        }
        else if (choice == ExpiryChoice.Never && !input.NeverExpiresAllowed)
        {
            Fail(Pointer, "The default cannot be never where keys must expire. Choose a span, or allow keys that never expire.");
        }
        else if (input.MaxLifetimeSeconds is { } most && !(choice.LongestSeconds() <= most))
        {
            Fail(Pointer, choice == ExpiryChoice.Never
                ? "The default cannot be never where a longest lifetime is set. Choose a span within it."
                : $"A key with this default would live for {choice.LongestSeconds():N0} seconds, longer than the longest lifetime. Choose a shorter default, or a longer lifetime.");
        }

        return choice;
    }

    private List<string> ApprovalScopes(IReadOnlyList<string> texts)
    {
        List<string> scopes = [];
        if (texts.Count > MaxApprovalScopes)
        {
            Fail("/approval_scopes", $"A policy may name {MaxApprovalScopes} scopes at most; this names {texts.Count}.");
            return scopes;
        }

        for (var i = 0; i < texts.Count; i++)
        {
            if (!Scope.TryParse(texts[i], out var scope))
            {
                Fail($"/approval_scopes/{i}", "A scope has the form resource:action in lower case, such as triggers:write or triggers:*.");
            }
            else if (!catalogue.Any(c => scope.Covers(Scope.Parse(c.Name))))
            {
                Fail($"/approval_scopes/{i}", $"The scope {scope} is not in your organization's catalogue.");
            }
            else if (!scopes.Contains(scope.Value))
            {
                scopes.Add(scope.Value);
            }
        }

        return scopes;
    }
}
