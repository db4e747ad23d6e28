using Bunit;
using Bunit.TestDoubles;
using KeyPortal.Keys;
using KeyPortal.Keys.Pages;
using Microsoft.Extensions.DependencyInjection;
using Radzen;

namespace KeyPortal.Tests.Keys.Pages;

public sealed class RevealDialogTests : BunitContext
{
    private readonly PlaintextKey _key = PlaintextKey.Generate(KeyType.Secret, KeyEnvironment.Live, "");

    public RevealDialogTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddScoped<DialogService>();
    }

    [Fact]
    public void Done_waits_for_the_promise_that_the_key_is_stored()
    {
        var dialog = Show(out _);
        dialog.Find("button.primary").HasAttribute("disabled").ShouldBeTrue();

        dialog.Find("input[type=checkbox]").Change(true);

        dialog.Find("button.primary").HasAttribute("disabled").ShouldBeFalse();
    }

    [Fact]
    public void Done_opens_once_the_key_was_copied()
    {
        JSInterop.Setup<bool>("keyportal.copy", _key.Expose()).SetResult(true);
        var dialog = Show(out _);

        dialog.Find(".secret-line button").Click();

        dialog.Find("button.primary").HasAttribute("disabled").ShouldBeFalse();
    }

    [Fact]
    public void A_copy_that_failed_says_so_and_opens_nothing()
    {
        JSInterop.Setup<bool>("keyportal.copy", _key.Expose()).SetResult(false);
        var dialog = Show(out _);

        dialog.Find(".secret-line button").Click();

        dialog.Find("[role=alert]").TextContent.ShouldContain("copy it by hand");
        dialog.Find("button.primary").HasAttribute("disabled").ShouldBeTrue();
    }

    [Fact]
    public void Leaving_is_asked_about_until_the_key_is_stored()
    {
        var navigation = Services.GetRequiredService<BunitNavigationManager>();
        List<string> asked = [];
        Services.GetRequiredService<DialogService>().OnOpen += (title, _, _, _) => asked.Add(title ?? "");
        var dialog = Show(out _);

        navigation.NavigateTo("/members");
        asked.ShouldBe(["Leave without the key?"]);
        navigation.History.ShouldBeEmpty();

        Services.GetRequiredService<DialogService>().Close(false);
        SpinWait.SpinUntil(() => navigation.History.Count == 1, TimeSpan.FromSeconds(30)).ShouldBeTrue();
        navigation.History.First().State.ShouldBe(NavigationState.Prevented);

        dialog.Find("input[type=checkbox]").Change(true);
        navigation.NavigateTo("/members");
        asked.Count.ShouldBe(1);
        navigation.History.First().State.ShouldBe(NavigationState.Succeeded);
    }

    [Fact]
    public void The_sample_call_names_no_key_until_it_is_copied()
    {
        var dialog = Show(out _);

        dialog.Find("pre").TextContent.ShouldContain("$KEYPORTAL_KEY");
        dialog.Find("pre").TextContent.ShouldNotContain(_key.Expose());
    }

    [Fact]
    public void Done_clears_the_key_from_the_component_and_its_holder()
    {
        var dialog = Show(out var secret);
        dialog.Find("input[type=checkbox]").Change(true);

        dialog.Find("button.primary").Click();

        secret.Plaintext.ShouldBeNull();
        secret.ToString().ShouldBe(_key.Start + "…");
        dialog.Markup.ShouldNotContain(_key.Expose());
    }

    private IRenderedComponent<RevealDialog> Show(out RevealedSecret secret)
    {
        var holder = secret = new RevealedSecret(_key);
        return Render<RevealDialog>(p => p.Add(d => d.Secret, holder));
    }
}
