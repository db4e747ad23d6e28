using System.Net;
using System.Text.RegularExpressions;
using KeyPortal.Access;
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
