using KeyPortal.Access.Members;
using KeyPortal.Primitives;
using Microsoft.AspNetCore.WebUtilities;

namespace KeyPortal.Organizations.Pages;

/// <summary>What the list of members shows, as it stands in its URL: <c>/members?role=admin&amp;factor=none</c>. Values that mean nothing are ignored.</summary>
public sealed record MemberListAddress
{
    public const string Path = "/members";
    private const string Without = "none";

    public string? Search { get; init; }

    public string? Role { get; init; }

    public string? State { get; init; }

    /// <summary><c>none</c>: only those without a second factor.</summary>
    public string? Factor { get; init; }

    public bool IsFiltered => this != new MemberListAddress();

    public static MemberListAddress WithoutFactor { get; } = new() { Factor = Without };

    public static MemberListAddress Parse(string uri)
    {
        var query = QueryHelpers.ParseQuery(new Uri(uri).Query);
        string? Text(string name) => query.TryGetValue(name, out var values) && !string.IsNullOrWhiteSpace(values[0]) ? values[0] : null;

        var search = Text("q");
        return new MemberListAddress
        {
            Search = search?.Length > MemberFilter.MaxSearchLength ? search[..MemberFilter.MaxSearchLength] : search,
            Role = SnakeCase.TryParse<Role>(Text("role"), out _) ? Text("role") : null,
            State = SnakeCase.TryParse<MemberState>(Text("state"), out var state) && state != MemberState.Removed ? Text("state") : null,
            Factor = Text("factor") == Without ? Without : null,
        };
    }

    public string ToUri()
    {
        Dictionary<string, string?> query = new() { ["q"] = Search, ["role"] = Role, ["state"] = State, ["factor"] = Factor };
        return QueryHelpers.AddQueryString(Path, query.Where(p => !string.IsNullOrEmpty(p.Value)));
    }

    public MemberFilter ToFilter() => new()
    {
        Search = Search,
        Role = SnakeCase.TryParse<Role>(Role, out var role) ? role : null,
        State = SnakeCase.TryParse<MemberState>(State, out var state) ? state : null,
        HasSecondFactor = Factor == Without ? false : null,
    };
}
