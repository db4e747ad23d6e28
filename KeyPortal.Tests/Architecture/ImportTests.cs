using System.Text.RegularExpressions;

namespace KeyPortal.Tests.Architecture;

/// <summary>"Imports run up this list only": which room of the house may use which.</summary>
public sealed partial class ImportTests
{
    private static readonly string[] Order =
    [
        "Primitives", "Storage", "Mail", "Audit", "Organizations", "Access", "Limits", "Keys", "Agents", "Usage", "Validation",
        "Offboarding", "Alerts", "Review", "Setup", "Operations",
    ];

    private static readonly string[] ForComponents = ["Primitives", "Organizations", "Access", "Components"];

    [Fact]
    public void Imports_run_up_the_list_only() =>
        SourceTree.Files("KeyPortal").SelectMany(file => Offences(file, SourceTree.Read(file))).ShouldBeEmpty();

    [Theory]
    [InlineData("KeyPortal/Keys/X.cs", "using KeyPortal.Validation;")]
    [InlineData("KeyPortal/Keys/X.cs", "using static KeyPortal.Validation.ValidationFeature;")]
    [InlineData("KeyPortal/Keys/X.cs", "using V = KeyPortal.Validation.KeyValidator;")]
    [InlineData("KeyPortal/Keys/X.cs", "KeyPortal.Usage.UsageRecorder? recorder = null;")]
    [InlineData("KeyPortal/Keys/X.cs", "using KeyPortal.Keys.Pages;")]
    [InlineData("KeyPortal/Keys/X.cs", "using KeyPortal.Components;")]
    [InlineData("KeyPortal/Keys/X.cs", "using KeyPortal.NoSuchRoom;")]
    [InlineData("KeyPortal/NoSuchRoom/X.cs", "using KeyPortal.Primitives;")]
    [InlineData("KeyPortal/Keys/X.cs", "using Radzen.Blazor;")]
    [InlineData("KeyPortal/Keys/X.cs", "using Microsoft.AspNetCore.Components;")]
    [InlineData("KeyPortal/Keys/X.cs", "Task Answer(HttpContext context) => Task.CompletedTask;")]
    [InlineData("KeyPortal/Access/X.cs", "using Microsoft.AspNetCore.Components.Forms;")]
    [InlineData("KeyPortal/Components/X.razor", "@using KeyPortal.Keys")]
    [InlineData("KeyPortal/Keys/Pages/X.razor", "@using KeyPortal.Api")]
    [InlineData("KeyPortal/Api/X.cs", "using KeyPortal.Keys.Pages;")]
    public void A_wrong_import_is_noticed(string file, string line) => Offences(file, line).ShouldNotBeEmpty();

    [Theory]
    [InlineData("KeyPortal/Keys/X.cs", "using KeyPortal.Audit;")]
    [InlineData("KeyPortal/Keys/X.cs", "    /// <see cref=\"KeyPortal.Validation.KeyValidator\"/>")]
    [InlineData("KeyPortal/Access/X.cs", "using Microsoft.AspNetCore.Components.Authorization;")]
    [InlineData("KeyPortal/Access/X.cs", "string Name(HttpContext context) => \"\";")]
    [InlineData("KeyPortal/Components/X.razor", "@using KeyPortal.Access")]
    [InlineData("KeyPortal/Overview/Pages/X.razor", "@using KeyPortal.Keys.Pages")]
    [InlineData("KeyPortal/Api/X.cs", "using KeyPortal.Setup;")]
    [InlineData("KeyPortal/Program.cs", "using KeyPortal.Api;")]
    public void A_right_import_passes(string file, string line) => Offences(file, line).ShouldBeEmpty();

    private static IEnumerable<string> Offences(string file, string text)
    {
        var folders = file.Split('/')[1..^1];
        if (folders.Length == 0)
        {
            yield break; // Program.cs and _Imports.razor may name anything.
        }

        var code = string.Join('\n', text.Split('\n').Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)));
        var (room, isPage) = (folders[0], folders is [_, "Pages", ..]);
        var isOuter = isPage || room is "Cli" or "Api";
        foreach (Match used in Room().Matches(code))
        {
            var other = used.Groups["room"].Value;
            var allowed = used.Groups["pages"].Success ? isPage
                : other is "Cli" or "Api" ? other == room
                : isOuter || (room == "Components" ? ForComponents.Contains(other) : Array.IndexOf(Order, other) is >= 0 and var at && at <= Array.IndexOf(Order, room));
            if (!allowed)
            {
                yield return $"{file}: {used.Value}";
            }
        }

        if (!isOuter && room != "Components")
        {
            foreach (Match used in (room == "Access" ? BlazorType() : WebType()).Matches(code))
            {
                yield return $"{file}: {used.Value}";
            }
        }
    }

    [GeneratedRegex(@"\bKeyPortal\.(?<room>[A-Z]\w*)(?<pages>\.Pages\b)?")]
    private static partial Regex Room();

    [GeneratedRegex(@"\b(Radzen\b|Microsoft\.JSInterop|Microsoft\.AspNetCore\.Components(?!\.Authorization)\b|ComponentBase|RenderFragment|IJSRuntime)")]
    private static partial Regex BlazorType();

    [GeneratedRegex(@"\b(Radzen|Microsoft\.JSInterop|Microsoft\.AspNetCore\.(Components|Http|Mvc)|ComponentBase|RenderFragment|IJSRuntime|HttpContext|HttpRequest|HttpResponse|IHttpContextAccessor|IResult|TypedResults|Results|StatusCodes|ProblemDetails|IEndpointRouteBuilder)\b")]
    private static partial Regex WebType();
}
