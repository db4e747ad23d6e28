using System.Text;
using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KeyPortal.E2E.Journeys;

/// <summary>Keys of another system come over: a file, what would become of it, and what became of it.</summary>
public sealed class ImportJourney(Stage stage)
{
    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task A_file_is_looked_at_first_and_then_imported(int width)
    {
        await using var portal = await Stage.OpenAsync();
        await using var alice = await Visitor.ArriveAsync(stage, portal, width, 900);
        await alice.SignInAsync(portal.Cast.Alice);
        await alice.OpenAsync("/keys");
        await alice.Page.GetByRole(AriaRole.Link, new() { Name = "Import" }).ClickAsync();
        await Expect(alice.Page.GetByRole(AriaRole.Heading, new() { Name = "Import keys" })).ToBeVisibleAsync();
        await alice.Page.GetByText("What such a file looks like").ClickAsync();
        await alice.Page.LookAsync("import");

        var csv = new StringBuilder("name,algorithm,hash,start,scopes\n").AppendLine($"Billing worker,bcrypt,{Imported.Bcrypt},legacy_live_Zk3vQ9,triggers:read").AppendLine($"In the clear,sha256,{Imported.Key},,no scope");
        for (var i = 0; i < 150; i++)
        {
            csv.AppendLine($"Worker {i:000},sha256,{Imported.ItemOf($"legacy-key-{i:000}").Hash.Value},,");
        }

        var file = new FilePayload { Name = "keys.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(csv.ToString()) };
        await alice.Page.GetByLabel("A JSON or CSV file").SetInputFilesAsync(file);
        await Expect(alice.Page.GetByText("151 keys can be imported, 1 would be refused. Nothing has been written yet.")).ToBeVisibleAsync();
        await Expect(alice.Page.GetByText("An import takes hashes only")).ToBeVisibleAsync();
        await Expect(alice.Page.GetByText(Imported.Key)).ToHaveCountAsync(0);
        await alice.Page.LookAsync("import-preview");

        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Import 151 keys" }).ClickAsync();
        await Expect(alice.Page.GetByText("151 keys imported, 1 refused.")).ToBeVisibleAsync();
        await alice.Page.LookAsync("import-done");
        (await portal.Portal.ValidateAsync(portal.Cast.AcmeId, Imported.Key)).IsValid.ShouldBeTrue();
        await alice.Page.GetByLabel("A JSON or CSV file").SetInputFilesAsync(file);
        await Expect(alice.Page.GetByText("0 keys can be imported, 152 would be refused.")).ToBeVisibleAsync();
        await alice.Page.GetByRole(AriaRole.Link, new() { Name = "Keys", Exact = true }).First.ClickAsync();
        await alice.LiveAsync();
        alice.Errors.ShouldBeEmpty();
    }
}
