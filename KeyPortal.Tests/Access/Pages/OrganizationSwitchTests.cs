using System.Net;
using System.Text.RegularExpressions;
using KeyPortal.Access;
using KeyPortal.Access.Members;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.Mvc.Testing;

namespace KeyPortal.Tests.Access.Pages;

/// <summary>Forms about memberships as a browser without scripts posts them.</summary>
public sealed partial class OrganizationSwitchTests
{
    [Fact]
    public async Task Olaf_goes_to_his_other_organization_in_the_same_session()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        await portal.OlafJoinsAcmeAsync(cast);
        using var browser = await BrowserAsync(portal, cast.Olaf);

        (await PostAsync(browser, "/switch-organization", "/found-organization", ("organization_id", cast.AcmeId))).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        (await browser.GetStringAsync("/account")).ShouldContain("Acme Payments");
    }

    [Fact]
    public async Task Nobody_goes_where_they_are_no_member_nor_without_the_forms_own_token()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        using var browser = await BrowserAsync(portal, cast.Olaf);

        (await PostAsync(browser, "/switch-organization", "/found-organization", ("organization_id", cast.AcmeId))).Headers.TryGetValues("Set-Cookie", out var cookies);
        (cookies ?? []).ShouldNotContain(c => c.StartsWith("keyportal=", StringComparison.Ordinal));
        (await browser.PostAsync("/switch-organization", new FormUrlEncodedContent([new("organization_id", cast.UmbraId)]))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_invitation_is_not_accepted_by_opening_it()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var token = await portal.InvitedAsync(cast.Alice, "olaf@umbra.example");
        using var browser = await BrowserAsync(portal, cast.Olaf);

        (await browser.GetStringAsync($"/invitation/{token}?_handler=accept")).ShouldContain("Join");
        (await browser.PostAsync($"/invitation/{token}", new FormUrlEncodedContent([new("_handler", "accept")]))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await portal.Get<Membership>().OfAsync(cast.Olaf.Id)).ShouldHaveSingleItem();

        (await PostAsync(browser, $"/invitation/{token}", $"/invitation/{token}", ("_handler", "accept"))).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await portal.Get<Membership>().OfAsync(cast.Olaf.Id)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_link_that_does_not_open_says_so_with_a_page()
    {
        await using var portal = new Portal();
        await Cast.EnterAsync(portal);
        using var browser = portal.CreateClient();

        using var answer = await browser.GetAsync("/invitation/" + SecretToken.New().Expose());

        answer.StatusCode.ShouldBe(HttpStatusCode.Gone);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("This link does not open");
    }

    private static async Task<HttpClient> BrowserAsync(Portal portal, Actor person)
    {
        var browser = portal.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = true });
        browser.DefaultRequestHeaders.Add("Cookie", $"keyportal={portal.CookieOf(await portal.SessionAsync(person))}");
        return browser;
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient browser, string to, string form, params (string Name, string Value)[] fields)
    {
        var token = Antiforgery().Match(await browser.GetStringAsync(form)).Groups[1].Value;
        return await browser.PostAsync(to, new FormUrlEncodedContent([.. fields.Select(f => KeyValuePair.Create(f.Name, f.Value)), new("__RequestVerificationToken", token)]));
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Antiforgery();
}
