using KeyPortal.Access;
using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.Identity;
using Microsoft.Playwright;

namespace KeyPortal.E2E.Journeys;

/// <summary>A person looks after their own account.</summary>
public sealed class AccountJourney(Stage stage)
{
    private static readonly string[] Devices =
    [
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0 " + new string('x', 300),
    ];

    [Fact]
    public async Task Alice_ends_a_session_she_does_not_know_and_its_open_page_closes()
    {
        await using var portal = await Stage.OpenAsync();
        await using var alice = await Visitor.ArriveAsync(stage, portal);
        await using var stranger = await Visitor.ArriveAsync(stage, portal);
        await stranger.SignInAsync(portal.Cast.Alice);
        await alice.SignInAsync(portal.Cast.Alice);

        await alice.Page.GetByRole(AriaRole.Link, new() { Name = "Alice" }).ClickAsync();
        await alice.Page.GetByRole(AriaRole.Heading, new() { Name = "Your account" }).WaitForAsync();
        await alice.Page.GetByRole(AriaRole.Button, new() { NameRegex = new("^End the session on ") }).ClickAsync();

        await alice.Page.GetByText("You are signed in here and nowhere else.").WaitForAsync();
        await stranger.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" }).WaitForAsync();
        (alice.Errors.Count, stranger.Errors.Count).ShouldBe((0, 0));
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task The_account_page_is_usable_by_everyone(int width)
    {
        await using var portal = await Stage.OpenAsync();
        await using var alice = await Visitor.ArriveAsync(stage, portal, width);
        await alice.SignInAsync(portal.Cast.Alice);
        await alice.OpenAsync("/account");
        await alice.Page.GetByText("You are signed in here and nowhere else.").WaitForAsync();
        await alice.Page.LookAsync("account-plain");

        await FurnishAsync(portal);
        await alice.OpenAsync("/account");
        await alice.Page.GetByText("Refused: wrong password").First.WaitForAsync();
        await alice.Page.LookAsync("account");
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Rename Phone" }).ClickAsync();
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Remove the authenticator app, after a question" }).ClickAsync();
        await alice.Page.GetByLabel("The passkey's name").FillAsync(" ");
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await alice.Page.Locator("p.error").WaitForAsync();
        await alice.Page.LookAsync("account-asking");
        await alice.Page.GetByLabel("The passkey's name").FillAsync("Old phone");
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Remove Old phone, after a question" }).ClickAsync();
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Remove Old phone", Exact = true }).ClickAsync();
        await alice.Page.GetByText("You are signed in here and nowhere else.").WaitForAsync();
        (await alice.Page.GetByText("Old phone").CountAsync()).ShouldBe(0);
        alice.Errors.ShouldBeEmpty();
    }


    private static async Task FurnishAsync(LivePortal portal)
    {
        var (sessions, signIn) = (portal.Portal.Get<SessionBeginning>(), portal.Portal.Get<SignIn>());
        foreach (var (agent, i) in Devices.Select((agent, i) => (agent, i)))
        {
            await sessions.BeginAsync(portal.Cast.Alice.Id, SessionKind.Browser, (SignInMethod)i, new Origin($"203.0.113.{i}", agent, null));
        }

        await portal.Portal.Get<Writer>().RunAsync<bool>(async write =>
        {
            (await write.Set<SecondFactor>().FindAsync(portal.Cast.Alice.Id))!.TotpAddedAt = write.Now.AddDays(-40);
            write.Set<IdentityUserPasskey<string>>().Add(Passkey(portal.Cast.Alice.Id, "Phone", 1));
            write.Set<IdentityUserPasskey<string>>().Add(Passkey(portal.Cast.Alice.Id, "The security key on the second ring, in the safe of the office in Zurich", 2));
            await RecoveryCodes.IssueAsync(write, portal.Cast.Alice.Id);
            return true;
        });
        await sessions.BeginAsync(portal.Cast.Alice.Id, SessionKind.Api, SignInMethod.PasswordAndTotp, new Origin("2001:db8:85a3:8d3:1319:8a2e:370:7348", "curl/8.5.0", null));
        await sessions.BeginAsync(portal.Cast.Alice.Id, SessionKind.Browser, SignInMethod.PasswordAndPasskey, new Origin(null, null, null));
        await signIn.WithPasswordAsync("alice@acme.example", "not the password", SessionKind.Browser, new Origin("198.51.100.77", Devices[0], "req_1"));
        await signIn.WithPasswordAsync("alice@acme.example", "nor this one", SessionKind.Browser, new Origin("198.51.100.77", "sqlmap/1.8", "req_2"));
    }

    private static IdentityUserPasskey<string> Passkey(string userId, string name, byte id) => new()
    {
        UserId = userId,
        CredentialId = [id],
        Data = new IdentityPasskeyData { Name = name, PublicKey = [1], AttestationObject = [1], ClientDataJson = [1], CreatedAt = DateTimeOffset.UtcNow.AddDays(-id) },
    };
}
