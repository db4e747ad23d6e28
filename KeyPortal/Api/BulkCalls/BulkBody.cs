using KeyPortal.Api.KeyCalls;
using KeyPortal.Keys;
using KeyPortal.Keys.Bulk;
using KeyPortal.Offboarding;
using KeyPortal.Primitives;

namespace KeyPortal.Api.BulkCalls;

/// <summary>What <c>POST /api/v1/api-keys/bulk</c> takes: an act, the keys it is for, and how many they are.</summary>
internal sealed class BulkBody
{
    public const int MaxIds = 1000;

    public string? Action { get; set; }

    public IReadOnlyList<string>? Ids { get; set; }

    /// <summary>Filters of the list, <c>created_by</c> and <c>created_since</c>; or <c>seen_from</c>, which finds keys by where they were used.</summary>
    public Dictionary<string, string>? Filter { get; set; }

    /// <summary>Absent: only tell how many.</summary>
    public int? ConfirmCount { get; set; }

    public string? Reason { get; set; }

    public long? GracePeriodSeconds { get; set; }

    public bool? Force { get; set; }

    public IReadOnlyList<string> AddTags { get; set; } = [];

    public IReadOnlyList<string> RemoveTags { get; set; } = [];

    internal bool IsIncident => Filter?.ContainsKey("seen_from") == true;

    /// <summary>The act, or every field whose form is wrong.</summary>
    internal Outcome<BulkAct> ToAct()
    {
        List<FieldError> errors = [];
        var action = default(BulkAction);
        if (Action is null || !SnakeCase.TryParse(Action, out action))
        {
            errors.Add(new FieldError("/action", $"The action is one of {string.Join(", ", SnakeCase.AllOf<BulkAction>())}."));
        }

        var reason = new RevokeBody { Reason = Reason }.ToReason();
        errors.AddRange(reason.Refusal?.Errors ?? []);
        if (ConfirmCount is < 0)
        {
            errors.Add(new FieldError("/confirm_count", "The count is the number of keys that the preview named."));
        }

        if (IsIncident && action != BulkAction.Revoke && errors.Count == 0)
        {
            errors.Add(new FieldError("/filter/seen_from", "Keys seen from an address can be revoked; for another act name their ids."));
        }

        var selection = ToSelection(errors);
        return errors.Count > 0 ? Refusal.Invalid(errors) : new BulkAct(action, selection!, reason.Value, new RotationInput(GracePeriodSeconds is { } grace ? WireTime.Span(grace) : null, Force ?? false));
    }

    /// <summary>What is known of an incident, where the filter says where keys were seen.</summary>
    internal Outcome<Incident> ToIncident()
    {
        var odd = Filter!.Keys.Where(name => name is not ("seen_from" or "created_by" or "created_since")).Select(name => new FieldError("/filter/" + name, $"{name} cannot stand beside seen_from.")).ToList();
        var filter = ListQuery.ReadFilter(Filter.Where(f => f.Key is "created_by" or "created_since"), "/filter");
        return odd.Count > 0 ? Refusal.Invalid(odd)
            : filter.Refusal is { } broken ? broken
            : new Incident { SeenFrom = Filter["seen_from"] ?? "", CreatedBy = filter.Value.CreatedBy, CreatedSince = filter.Value.CreatedSince };
    }

    private BulkSelection? ToSelection(List<FieldError> errors)
    {
        if (Ids is null == Filter is null)
        {
            errors.Add(new FieldError("/ids", "Name the keys by ids or by a filter, one of the two."));
            return null;
        }

        if (Ids is not null)
        {
            if (Ids.Count is 0 or > MaxIds || Ids.Any(id => id is null))
            {
                errors.Add(new FieldError("/ids", $"Name 1 to {MaxIds:N0} ids."));
            }

            return errors.Count > 0 ? null : BulkSelection.Of(Ids);
        }

        if (Filter!.Count == 0)
        {
            errors.Add(new FieldError("/filter", "An empty filter is for every key there is. Name at least one condition, such as status."));
            return null;
        }

        var filter = ListQuery.ReadFilter(Filter.Where(f => f.Key != "seen_from"), "/filter");
        errors.AddRange(filter.Refusal?.Errors ?? []);
        return errors.Count > 0 ? null : BulkSelection.Of(filter.Value);
    }
}

internal sealed record BulkAct(BulkAction Action, BulkSelection Selection, RevocationReason Reason, RotationInput Rotation);
