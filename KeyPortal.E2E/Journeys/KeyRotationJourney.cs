using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Keys;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;
using KeyPortal.Validation;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KeyPortal.E2E.Journeys;

/// <summary>A key is narrowed with open eyes, gets a new secret while the old one is watched out, and is retired; each dialog is photographed and must be usable.</summary>
public sealed class KeyRotationJourney(Stage stage)
{
    private const string Address = "203.0.113.9";
    private LivePortal _portal = null!;
    private Visitor _alice = null!;
    private IssuedKey _key = null!;

    private IPage Page => _alice.Page;

    private ILocator Dialog => Page.GetByRole(AriaRole.Dialog);

    private ILocator Notice => Page.Locator(".key-notice");

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task A_key_is_narrowed_rotated_and_retired(int width)
    {
        await using var portal = _portal = await Stage.OpenAsync();
        await using var alice = _alice = await Visitor.ArriveAsync(stage, portal, width);
        _key = await portal.Portal.KeyAsync(portal.Cast.Alice, "Checkout server", environment: KeyEnvironment.Live, with: i => i with { Scopes = ["triggers:read", "triggers:write"] });
        await CallAsync(_key.Plaintext, "triggers:write", 3);
        await CallAsync(_key.Plaintext, "triggers:read", 1);
        await alice.SignInAsync(portal.Cast.Alice);
        await alice.OpenAsync($"/keys/{_key.Key.Id}");

        await NarrowAsync();
        var secret = await RotateAsync();
        await WatchOutAsync(secret);
        await RetireAsync(secret);

        alice.Errors.ShouldBeEmpty();
    }

    /// <summary>Before anything is saved the dialog says what the change would have refused.</summary>
    private async Task NarrowAsync()
    {
        await Press("Edit");
        var told = Dialog.Locator(".dialog-acts .notice");
        var (write, networks) = (Dialog.GetByRole(AriaRole.Checkbox, new() { Name = "triggers:write" }), Dialog.GetByLabel("Networks"));
        await write.WaitForAsync();
        await Expect(told).ToBeHiddenAsync();
        await write.UncheckAsync();
        await Expect(told).ToHaveTextAsync("Of 4 valid calls in the last 7 days, 3 would have been refused: 3 needed triggers:write.");
        await Page.LookAsync("rotation-edit-refused");

        await networks.FillAsync("10.0.0.0/8");
        await networks.BlurAsync();
        await Expect(told).ToHaveTextAsync($"Of 4 valid calls in the last 7 days, 4 would have been refused: 3 needed triggers:write, 4 came from {Address}.");
        await networks.FillAsync("10.0.0.1/8");
        await networks.BlurAsync();
        await Expect(told).ToHaveTextAsync("What this change would have refused is told once every network is one.");
        await write.CheckAsync();
        await networks.FillAsync("203.0.113.0/24");
        await networks.BlurAsync();
        await Expect(told).ToHaveTextAsync("Of 4 valid calls in the last 7 days, none would have been refused.");
        await Dialog.GetByText("Rotation reminder").ClickAsync();
        await Dialog.GetByRole(AriaRole.Group, new() { Name = "Age at which to rotate the secret" }).GetByRole(AriaRole.Radio, new() { Name = "90 days" }).CheckAsync();
        await Page.LookAsync("rotation-edit-none-refused");
        await Dialog.GetByRole(AriaRole.Button, new() { Name = "Save changes" }).ClickAsync();
        await Expect(Dialog).ToBeHiddenAsync();
    }

    private async Task<PlaintextKey> RotateAsync()
    {
        await Press("Rotate…");
        await Dialog.GetByText("4 calls in the last 24 hours have to move to the new secret").WaitForAsync();
        await Dialog.GetByRole(AriaRole.Radio, new() { Name = "1 hour" }).CheckAsync();
        await Page.LookAsync("rotation-rotate");
        await Dialog.GetByRole(AriaRole.Button, new() { Name = "Rotate", Exact = true }).ClickAsync();
        var reveal = new RevealScreen(_alice);
        PlaintextKey.TryParse(await reveal.Key.InnerTextAsync(), out var secret).ShouldBeTrue();
        await reveal.Stored.CheckAsync();
        await reveal.Done.ClickAsync();
        return secret!;
    }

    /// <summary>While the old secret still has traffic the page says so; its end is put off, and then made.</summary>
    private async Task WatchOutAsync(PlaintextKey secret)
    {
        await Expect(Notice).ToContainTextAsync($"The old secret still carries 100 % of calls. 4 calls in the last 24 hours, the last just now from {Address}.");
        await Expect(Notice).ToContainTextAsync("It ends in 59 min.");
        await Page.LookAsync("rotation-rotating");
        await _alice.OpenAsync($"/keys/{_key.Key.Id}?tab=secrets");
        await Expect(Page.GetByText("Rotate by ")).ToBeVisibleAsync();
        await Page.LookAsync("rotation-rotating-secrets");

        await Press("Change the end…");
        await Dialog.GetByRole(AriaRole.Radio, new() { Name = "7 days" }).CheckAsync();
        await Page.LookAsync("rotation-grace");
        await Dialog.GetByRole(AriaRole.Button, new() { Name = "Set the end" }).ClickAsync();
        await Expect(Notice).ToContainTextAsync("It ends in 6 days 23 h.");

        (await CallAsync(secret, "triggers:write", 4)).ShouldBe(ValidationCode.Valid);
        await Press("End now…");
        await Dialog.GetByText("The old secret still carries 50 % of calls.").WaitForAsync();
        await Page.LookAsync("rotation-end-previous");
        await Dialog.GetByRole(AriaRole.Button, new() { Name = "End the old secret" }).ClickAsync();
        await Expect(Notice).ToBeHiddenAsync();
        (await CallAsync(_key.Plaintext, "triggers:write", 1)).ShouldBe(ValidationCode.Expired);
    }

    private async Task RetireAsync(PlaintextKey secret)
    {
        await Press("Revoke…");
        await Dialog.GetByRole(AriaRole.Radio, new() { Name = "In 7 days" }).CheckAsync();
        await Dialog.GetByLabel("Type the key's name to confirm").FillAsync("Checkout server");
        await Page.LookAsync("rotation-retire");
        await Dialog.GetByRole(AriaRole.Button, new() { Name = "Retire the key" }).ClickAsync();
        await Expect(Notice).ToContainTextAsync("Retiring. It works until");
        await Page.LookAsync("rotation-retiring");
        var answer = await _portal.Portal.Get<KeyValidator>().ValidateAsync(_portal.Cast.AcmeId, Request(secret, "triggers:read"));
        (answer.Code, answer.Warnings.Single().Code).ShouldBe((ValidationCode.Valid, KeyWarningCode.Retiring));
    }

    private Task Press(string button) => Page.GetByRole(AriaRole.Button, new() { Name = button }).First.ClickAsync();

    private async Task<ValidationCode> CallAsync(PlaintextKey secret, string needed, int times)
    {
        var code = ValidationCode.Valid;
        for (var i = 0; i < times; i++)
        {
            code = (await _portal.Portal.Get<KeyValidator>().ValidateAsync(_portal.Cast.AcmeId, Request(secret, needed))).Code;
        }

        // Written four times a minute; these pages are not to wait for it.
        await _portal.Portal.Get<LastUses>().WriteAsync();
        return code;
    }

    private static ValidationRequest Request(PlaintextKey secret, string needed) => new()
    {
        Key = secret.Expose(),
        Demand = KeyDemand.Nothing with { Ip = Address, Scopes = ScopeExpression.TryParse(needed, out var expression) ? expression : null },
    };

}
