using KeyPortal.Keys;
using KeyPortal.Primitives;

namespace KeyPortal.Api.KeyCalls;

/// <summary>What <c>GET /api/v1/api-keys</c> takes in its query. An unknown parameter is refused: ignored, it would answer with more keys than were asked for.</summary>
internal sealed class ListQuery
{
    public const int DefaultLimit = 50;

    /// <summary>For the description of the API.</summary>
    public static readonly string[] Parameters = ["limit", "cursor", "status", "environment", "type", "owner_id", "scope", "q", "last_used_before", "expires_before", "sort"];

    private readonly List<FieldError> _errors = [];

    public KeyFilter Filter { get; private set; } = new();

    public int Limit { get; private set; } = DefaultLimit;

    public string? Cursor { get; private set; }

    /// <summary>The query, or every parameter that is wrong.</summary>
    public static Outcome<ListQuery> Read(IQueryCollection query)
    {
        var list = new ListQuery();
        foreach (var (name, values) in query)
        {
            if (values is [{ } value])
            {
                list.Read(name, value);
            }
            else
            {
                list.Fail(name, $"{name} is given more than once.");
            }
        }

        return list._errors.Count > 0 ? Refusal.Invalid(list._errors) : list;
    }

    /// <summary>A filter inside a body, or every part of it that is wrong; <paramref name="pointer"/> is where it stands.</summary>
    public static Outcome<KeyFilter> ReadFilter(IEnumerable<KeyValuePair<string, string>> filter, string pointer)
    {
        var list = new ListQuery();
        foreach (var (name, value) in filter)
        {
            list.Filter = name switch
            {
                // A condition that says nothing would find every key.
                _ when string.IsNullOrWhiteSpace(value) => list.Fail(name, $"{name} needs a value.", list.Filter),
                "created_by" => list.Filter with { CreatedBy = list.Text(name, value) },
                "created_since" => list.Filter with { CreatedSince = list.Instant(name, value) },
                _ => list.Refine(name, value),
            };
        }

        return list._errors.Count > 0 ? Refusal.Invalid([.. list._errors.Select(e => e with { Pointer = pointer + e.Pointer })]) : list.Filter;
    }

    private void Read(string name, string value)
    {
        switch (name)
        {
            case "organization_id":
                break; // The credential's own, or the request would not have come this far.
            case "limit":
                var isLimit = int.TryParse(value, System.Globalization.NumberStyles.None, null, out var limit) && limit is >= 1 and <= KeyQueries.MaxPageSize;
                Limit = isLimit ? limit : Fail(name, $"limit is a number from 1 to {KeyQueries.MaxPageSize}.", Limit);
                break;
            case "cursor":
                Cursor = value;
                break;
            case "sort":
                ReadSort(value);
                break;
            default:
                Filter = Refine(name, value);
                break;
        }
    }

    private KeyFilter Refine(string name, string value) => name switch
    {
        "status" => Named<KeyStatus>(name, value) is { } status ? Filter with { Status = status } : Filter,
        "environment" => Named<KeyEnvironment>(name, value) is { } environment ? Filter with { Environment = environment } : Filter,
        "type" => Named<KeyType>(name, value) is { } type ? Filter with { Type = type } : Filter,
        "owner_id" => Filter with { OwnerId = Text(name, value) },
        "q" => Filter with { Search = Text(name, value) },
        "scope" => Scope.TryParse(value, out var scope) ? Filter with { Scope = scope } : Fail(name, "scope has the form resource:action, such as triggers:read.", Filter),
        "last_used_before" => Filter with { LastUsedBefore = Instant(name, value) },
        "expires_before" => Filter with { ExpiresBefore = Instant(name, value) },
        _ => Fail(name, $"{name} is not a parameter of this list.", Filter),
    };

    private void ReadSort(string value)
    {
        var descending = value.StartsWith('-');
        if (SnakeCase.TryParse<KeySort>(descending ? value[1..] : value, out var sort))
        {
            Filter = Filter with { Sort = sort, Descending = descending };
        }
        else
        {
            Fail("sort", $"sort is one of {string.Join(", ", SnakeCase.AllOf<KeySort>())}, with a minus in front for descending order.");
        }
    }

    private TEnum? Named<TEnum>(string name, string value) where TEnum : struct, Enum =>
        SnakeCase.TryParse<TEnum>(value, out var known) ? known : Fail(name, $"{name} is one of {string.Join(", ", SnakeCase.AllOf<TEnum>())}.", (TEnum?)null);

    private string? Text(string name, string value) =>
        TextRules.Check(value, name, 0, KeyFilter.MaxSearchLength) is { } broken ? Fail(name, broken, (string?)null) : value;

    private DateTimeOffset? Instant(string name, string value) =>
        WireTime.TryParse(value, out var at) ? at : Fail(name, WireTime.Rule, (DateTimeOffset?)null);

    private void Fail(string name, string detail) => _errors.Add(new FieldError("/" + name, detail));

    private T Fail<T>(string name, string detail, T instead)
    {
        Fail(name, detail);
        return instead;
    }
}
