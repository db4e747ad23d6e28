using System.Text;
using System.Text.RegularExpressions;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Authority;

/// <summary>Prints <c>docs/roles.md</c> from the role × act table and from what stands under each of its rows.</summary>
internal static partial class RolesDocument
{
    public static string Print(Portal portal)
    {
        var text = new StringBuilder("""
            # Roles

            Who may do what. This page is printed from the table in the code (`Primitives/Permissions`) and from what each command, page and endpoint says it
            needs; a test holds every one of them against it, for each role, on one's own, a colleague's and another organization's things.

            A key acts with its scopes ∩ what its owner's role allows at the time of the call, so each act also names the scope a key needs. Where there is none,
            only a person can do it. *own* means what the member owns, and nothing of anybody else.

            | act | owner | admin | developer | auditor | scope a key needs |
            |---|---|---|---|---|---|

            """);
        foreach (var act in Enum.GetValues<Act>())
        {
            var cells = Enum.GetValues<Role>().Select(role => Permissions.Of(role, act) switch { Reach.All => "yes", Reach.Own => "own", _ => "–" });
            text.AppendLine($"| {Words(act)} | {string.Join(" | ", cells)} | {(Permissions.ScopeFor(act) is { } scope ? $"`{scope}`" : "–")} |");
        }

        text.AppendLine().AppendLine("## What stands under each act").AppendLine();
        foreach (var act in Enum.GetValues<Act>())
        {
            var pages = AuthorityRows.Pages.Where(p => p.Row.Act == act).Select(p => p.Row.Name);
            var calls = AuthorityRows.Endpoints(portal).Where(e => e.Row.Act == act && !e.Row.Name.Contains("/api_keys", StringComparison.Ordinal)).Select(e => e.Row.Name);
            var commands = AuthorityRows.Commands.Where(c => c.Row.Act == act).Select(c => c.Row.Name);
            text.AppendLine($"- **{Words(act)}**{Listed("pages", pages)}{Listed("calls", calls)}{Listed("commands", commands)}");
        }

        text.AppendLine().AppendLine("## Open without a row").AppendLine();
        foreach (var row in AuthorityRows.Pages.Select(p => p.Row).Concat(AuthorityRows.Endpoints(portal).Select(e => e.Row)).Concat(AuthorityRows.Commands.Select(c => c.Row))
            .Where(r => r.Because is not null && !r.Name.StartsWith("GET,HEAD,PUT", StringComparison.Ordinal)))
        {
            text.AppendLine($"- `{row.Name}`: {row.Because}");
        }

        return text.ToString().ReplaceLineEndings("\n");
    }

    private static string Listed(string what, IEnumerable<string> names) =>
        names.ToList() is { Count: > 0 } listed ? $"; {what}: {string.Join(", ", listed.Select(name => $"`{name}`"))}" : "";

    private static string Words(Act act) => Capital().Replace(act.ToString(), " $1").Trim().ToLowerInvariant();

    [GeneratedRegex("([A-Z])")]
    private static partial Regex Capital();
}
