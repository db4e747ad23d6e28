using System.Text.Json.Nodes;
using Bunit;
using KeyPortal.Keys;
using KeyPortal.Keys.Pages;
using KeyPortal.Keys.Pages.Bulk;
using KeyPortal.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Radzen;

namespace KeyPortal.Tests.Keys.Pages.Bulk;

/// <summary>The new secrets of many keys, seen once.</summary>
public sealed class BulkRevealTests : BunitContext
{
    private readonly PlaintextKey[] _plaintexts = [PlaintextKey.Generate(KeyType.Secret, KeyEnvironment.Live, ""), PlaintextKey.Generate(KeyType.Secret, KeyEnvironment.Test, "")];
    private readonly RotatedKeys _keys;

    public BulkRevealTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddScoped<DialogService>().AddSingleton<TimeProvider>(new TestClock());
        _keys = new RotatedKeys(
            [
                new RevealedKey("key_1", "=HYPERLINK(\"https://evil.example\")", KeyEnvironment.Live, new RevealedSecret(_plaintexts[0])),
                new RevealedKey("key_2", "Nightly, \"old\"", KeyEnvironment.Test, new RevealedSecret(_plaintexts[1])),
            ],
            [new UnrotatedKey("key_3", "Busy", "Version 1 is still good.")]);
    }

    [Fact]
    public void Every_secret_is_shown_and_every_key_that_got_none_with_the_reason()
    {
        var dialog = Show();

        dialog.FindAll("code.secret").Select(c => c.TextContent).ShouldBe(_plaintexts.Select(p => p.Expose()));
        dialog.Find(".notice.warning").TextContent.ShouldContain("Busy: Version 1 is still good.");
    }

    [Fact]
    public void Done_waits_until_every_secret_was_copied()
    {
        foreach (var plaintext in _plaintexts)
        {
            JSInterop.Setup<bool>("keyportal.copy", plaintext.Expose()).SetResult(true);
        }

        var dialog = Show();
        dialog.FindAll(".secrets button")[0].Click();
        dialog.Find("button.primary").HasAttribute("disabled").ShouldBeTrue();

        dialog.FindAll(".secrets button")[1].Click();

        dialog.Find("button.primary").HasAttribute("disabled").ShouldBeFalse();
    }

    [Fact]
    public void Done_clears_every_secret_from_the_page_and_its_holder()
    {
        var dialog = Show();
        dialog.Find("input[type=checkbox]").Change(true);

        dialog.Find("button.primary").Click();

        _keys.Rotated.ShouldAllBe(k => k.Secret.Plaintext == null);
        _plaintexts.ShouldAllBe(p => !dialog.Markup.Contains(p.Expose()));
        _plaintexts.ShouldAllBe(p => !_keys.ToCsv().Contains(p.Expose()) && !_keys.ToJson().Contains(p.Expose()) && !_keys.ToString().Contains(p.Expose()));
    }

    [Fact]
    public void The_file_for_spreadsheets_quotes_names_and_runs_none_of_them() =>
        _keys.ToCsv().Split("\r\n").ShouldBe(
        [
            "id,name,environment,start,key",
            $"\"key_1\",\"'=HYPERLINK(\"\"https://evil.example\"\")\",\"live\",\"{_plaintexts[0].Start}\",\"{_plaintexts[0].Expose()}\"",
            $"\"key_2\",\"Nightly, \"\"old\"\"\",\"test\",\"{_plaintexts[1].Start}\",\"{_plaintexts[1].Expose()}\"",
            "",
        ]);

    [Fact]
    public void The_file_for_programs_names_each_key_as_it_is()
    {
        var keys = JsonNode.Parse(_keys.ToJson())!.AsArray();

        keys.Select(k => ((string)k!["name"]!, (string)k["key"]!)).ShouldBe(_keys.Rotated.Select((k, i) => (k.Name, _plaintexts[i].Expose())));
    }

    [Fact]
    public void Where_no_key_got_a_secret_there_is_nothing_to_store_first()
    {
        var dialog = Render<BulkRevealDialog>(p => p.Add(d => d.Keys, new RotatedKeys([], _keys.Left)));

        dialog.Find("button.primary").HasAttribute("disabled").ShouldBeFalse();
    }

    private IRenderedComponent<BulkRevealDialog> Show() => Render<BulkRevealDialog>(p => p.Add(d => d.Keys, _keys));
}
