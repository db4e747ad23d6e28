using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Keys;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;
using Microsoft.Playwright;

namespace KeyPortal.E2E.Journeys;

/// <summary>Each state of the key pages, wide and narrow, light and dark: usable by everyone, and photographed for people to look at.</summary>
public sealed class KeyPagesForEveryone(Stage stage)
{
    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Are_usable(int width)
    {
        await using var portal = await Stage.OpenAsync();
        await using var alice = await Visitor.ArriveAsync(stage, portal, width);
        await alice.SignInAsync(portal.Cast.Alice);
        var keys = new KeysScreen(alice);
        await keys.OpenAsync();
        await alice.Page.LookAsync("keys-empty");
        var id = await FurnishAsync(portal);
        await keys.OpenAsync();
        await alice.Page.LookAsync("keys");
        var create = await keys.CreateAsync();
        await alice.Page.LookAsync("create-1");
        await create.ContinueAsync("Checkout page", type: "Publishable");
        await create.Networks.FillAsync("10.0.0.1/8");
        await create.Submit.ClickAsync();
        await create.Dialog.GetByText("host bits").WaitForAsync();
        await alice.Page.LookAsync("create-2");
        await create.Networks.FillAsync("");
        var reveal = await create.SubmitAsync();
        await alice.Page.LookAsync("reveal");
        await reveal.Stored.CheckAsync();
        await reveal.Done.ClickAsync();
        foreach (var tab in new[] { "usage", "restrictions", "secrets", "history" })
        {
            await alice.OpenAsync($"/keys/{id}?tab={tab}");
            await alice.Page.Locator(".tabs").WaitForAsync();
            await alice.Page.LookAsync("key-" + tab);
        }

        alice.Errors.ShouldBeEmpty();
    }

    /// <summary>A key with forty scopes and some calls, and one in each other state.</summary>
    private static async Task<string> FurnishAsync(LivePortal portal)
    {
        var (alice, many) = (portal.Cast.Alice, Enumerable.Range(0, 40).Select(i => $"ledger-{i:00}:read").ToList());
        await portal.Portal.Get<Writer>().RunAsync<bool>(write =>
        {
            write.Set<CatalogueScope>().AddRange(many.Select(name => new CatalogueScope { OrganizationId = alice.OrganizationId, Name = name, Description = "See one ledger and its entries", Publishable = false, ReadOnly = true }));
            return Task.FromResult<Primitives.Outcome<bool>>(true);
        });
        var key = await portal.Portal.KeyAsync(alice, "Production webhook server", environment: KeyEnvironment.Live, with: i => i with
        {
            Scopes = many,
            AllowedIps = ["10.0.0.0/8", "2001:db8::/32"],
            Expiry = ExpiryInput.On(DateTimeOffset.UtcNow.AddDays(3)),
            Description = "The receiver behind the load balancer",
            Metadata = new Dictionary<string, string> { ["customer"] = "4711" },
            Tags = ["billing"],
        });
        var disabled = await portal.Portal.KeyAsync(alice, "Old partner feed");
        await portal.Portal.Get<KeySuspension>().DisableAsync(alice, disabled.Key.Id);
        var revoked = await portal.Portal.KeyAsync(portal.Cast.Dora, "Leaked in a notebook");
        await portal.Portal.Get<KeyRevocation>().RevokeAsync(alice, revoked.Key.Id, RevocationReason.KeyCompromise);
        for (var i = 0; i < 120; i++)
        {
            var code = i % 9 == 0 ? ValidationCode.InsufficientScope : ValidationCode.Valid;
            portal.Portal.Get<UsageRecorder>().Record(new UsageEvent(DateTimeOffset.UtcNow.AddMinutes(-12 * i), alice.OrganizationId, key.Key.Id, 1, code, "203.0.113.24", TimeSpan.FromMicroseconds(20)));
        }

        return key.Key.Id;
    }
}
