using Microsoft.Playwright;

namespace KeyPortal.E2E.Support;

/// <summary>A device with passkeys, inside Chromium (https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/). It lives as long as its page.</summary>
public sealed class VirtualAuthenticator
{
    private readonly ICDPSession _chromium;
    private readonly string _id;

    private VirtualAuthenticator(ICDPSession chromium, string id) => (_chromium, _id) = (chromium, id);

    /// <summary>Checks its owner, keeps passkeys by itself, and answers nothing before it is touched.</summary>
    /// <param name="offers">May pages put it into the list at a field too? It then answers by itself whenever it may be touched.</param>
    public static async Task<VirtualAuthenticator> AttachAsync(IPage page, bool offers = false)
    {
        if (!offers)
        {
            await page.AddInitScriptAsync("if (window.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = undefined;");
        }

        var chromium = await page.Context.NewCDPSessionAsync(page);
        await chromium.SendAsync("WebAuthn.enable");
        var added = await chromium.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = false,
            },
        });
        return new VirtualAuthenticator(chromium, added!.Value.GetProperty("authenticatorId").GetString()!);
    }

    /// <summary>Does its owner touch it whenever it asks?</summary>
    public Task TouchAsync(bool touches = true) =>
        _chromium.SendAsync("WebAuthn.setAutomaticPresenceSimulation", new Dictionary<string, object> { ["authenticatorId"] = _id, ["enabled"] = touches });

    public async Task<int> CountAsync() =>
        (await _chromium.SendAsync("WebAuthn.getCredentials", new Dictionary<string, object> { ["authenticatorId"] = _id }))!.Value.GetProperty("credentials").GetArrayLength();
}
