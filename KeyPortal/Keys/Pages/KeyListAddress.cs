using KeyPortal.Primitives;
using Microsoft.AspNetCore.WebUtilities;

namespace KeyPortal.Keys.Pages;

/// <summary>What the key list shows, as it stands in its URL: <c>/keys?status=expires_soon&amp;sort=-name</c>. Values that mean nothing are ignored.</summary>
public sealed record KeyListAddress
{
    public const string Path = "/keys";

    /// <summary>A status that only this page knows: active, and ends within <see cref="KeyStanding.Soon"/>.</summary>
    public const string ExpiresSoon = "expires_soon";

    private const string Newest = "-created_at";

    public string? Search { get; init; }

    public string? Status { get; init; }

    public string? Environment { get; init; }

    public string? Type { get; init; }

    public string? Scope { get; init; }

    public string? Owner { get; init; }

    public string Sort { get; init; } = Newest;

    /// <summary>True when some rows may be hidden.</summary>
    public bool IsFiltered => this with { Sort = Newest } != new KeyListAddress();

    public static KeyListAddress Parse(string uri)
    {
        var query = QueryHelpers.ParseQuery(new Uri(uri).Query);
        string? Text(string name) => query.TryGetValue(name, out var values) && !string.IsNullOrWhiteSpace(values[0]) ? values[0] : null;
        string? Known<T>(string name) where T : struct, Enum => SnakeCase.TryParse<T>(Text(name), out _) ? Text(name) : null;

        var search = Text("q");
        return new KeyListAddress
        {
            Search = search is null ? null : PastedKey.Cut(search.Length > KeyFilter.MaxSearchLength ? search[..KeyFilter.MaxSearchLength] : search),
            Status = Text("status") == ExpiresSoon ? ExpiresSoon : Known<KeyStatus>("status"),
            Environment = Known<KeyEnvironment>("environment"),
            Type = Known<KeyType>("type"),
            Scope = Primitives.Scope.TryParse(Text("scope"), out var scope) ? scope.Value : null,
            Owner = Text("owner"),
            Sort = SnakeCase.TryParse<KeySort>(Text("sort")?.TrimStart('-'), out _) ? Text("sort")! : Newest,
        };
    }

    public string ToUri()
    {
        Dictionary<string, string?> query = new()
        {
            ["q"] = Search,
            ["status"] = Status,
            ["environment"] = Environment,
            ["type"] = Type,
            ["scope"] = Scope,
            ["owner"] = Owner,
            ["sort"] = Sort == Newest ? null : Sort,
        };
        return QueryHelpers.AddQueryString(Path, query.Where(p => !string.IsNullOrEmpty(p.Value)));
    }

    public KeyFilter ToFilter(DateTimeOffset now) => new()
    {
        Search = Search,
        Status = Status == ExpiresSoon ? KeyStatus.Active : Parsed<KeyStatus>(Status),
        ExpiresBefore = Status == ExpiresSoon ? now + KeyStanding.Soon : null,
        Environment = Parsed<KeyEnvironment>(Environment),
        Type = Parsed<KeyType>(Type),
        Scope = Primitives.Scope.TryParse(Scope, out var scope) ? scope : null,
        OwnerId = Owner,
        Sort = SnakeCase.Parse<KeySort>(Sort.TrimStart('-')),
        Descending = Sort.StartsWith('-'),
    };

    /// <summary>Ordered by <paramref name="sort"/>, the other way round when it is already.</summary>
    public KeyListAddress Turn(KeySort sort)
    {
        var name = SnakeCase.Of(sort);
        return this with { Sort = Sort == name ? "-" + name : name };
    }

    /// <summary>For <c>aria-sort</c>.</summary>
    public string Direction(KeySort sort)
    {
        var name = SnakeCase.Of(sort);
        return Sort == name ? "ascending" : Sort == "-" + name ? "descending" : "none";
    }

    private static T? Parsed<T>(string? text) where T : struct, Enum => SnakeCase.TryParse<T>(text, out var value) ? value : null;
}
