using System.Net;
using KeyPortal.Access;
using KeyPortal.Organizations;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Access.Pages;

/// <summary>The page of an invitation as a browser posts its forms. Its script is the journeys' part.</summary>
public sealed class InvitationPageTests
{
    private const string Page = "/invitation";

    [Fact]
    public async Task The_links_token_is_in_no_address_and_in_no_page()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var token = await portal.InvitedAsync(cast.Alice, "nora@acme.example");
        using var nora = new PagesVisitor(portal);

        using var opened = await nora.SubmitAsync(Page, "open-invitation", ("Link.Token", token));

        (opened.StatusCode, opened.Headers.Location?.AbsolutePath, opened.Headers.Location?.Query).ShouldBe((HttpStatusCode.Redirect, Page, ""));
        var cookie = nora.SetCookies.Single(c => c.StartsWith("keyportal-invitation=", StringComparison.Ordinal));
        cookie.ShouldContain("httponly", Case.Insensitive);
        cookie.ShouldContain("samesite=strict", Case.Insensitive);
        var offer = await nora.Http.GetStringAsync(Page);
        offer.ShouldContain("nora@acme.example");
        offer.ShouldNotContain(token);
        (await nora.Http.GetAsync($"{Page}/{token}")).StatusCode.ShouldBe(HttpStatusCode.NotFound, "as links used to be");
    }

    [Fact]
    public async Task Somebody_new_joins_and_the_token_goes()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var token = await portal.InvitedAsync(cast.Alice, "nora@acme.example");
        using var nora = new PagesVisitor(portal);
        await nora.OpenInvitationAsync(token);

        using var joined = await nora.SubmitAsync(Page, "accept-new", ("Form.Name", "Nora"), ("Form.Password", Cast.Password));

        joined.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        nora.Cookie("keyportal-invitation").ShouldBeNull();
        (await nora.Http.GetStringAsync("/account")).ShouldContain("Acme Payments");
    }

    [Fact]
    public async Task An_invitation_is_not_accepted_by_opening_it()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var token = await portal.InvitedAsync(cast.Alice, "olaf@umbra.example");
        using var olaf = new PagesVisitor(portal);
        olaf.Bring(portal.CookieOf(await portal.SessionAsync(cast.Olaf)));
        await olaf.OpenInvitationAsync(token);

        (await olaf.Http.GetStringAsync($"{Page}?_handler=accept")).ShouldContain("Join");
        (await olaf.Http.PostAsync(Page, new FormUrlEncodedContent([new("_handler", "accept")]))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await portal.Get<Membership>().OfAsync(cast.Olaf.Id)).ShouldHaveSingleItem();

        (await olaf.SubmitAsync(Page, "accept")).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await portal.Get<Membership>().OfAsync(cast.Olaf.Id)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_link_that_does_not_open_says_so_and_a_later_one_still_opens()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        using var browser = new PagesVisitor(portal);

        using var answer = await browser.SubmitAsync(Page, "open-invitation", ("Link.Token", SecretToken.New().Expose()));

        answer.StatusCode.ShouldBe(HttpStatusCode.Gone);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("This link does not open");
        browser.Cookie("keyportal-invitation").ShouldBeNull();

        await browser.OpenInvitationAsync(await portal.InvitedAsync(cast.Alice, "nora@acme.example"));
        await browser.OpenInvitationAsync(await portal.InvitedAsync(cast.Alice, "nina@acme.example"));
        (await browser.Http.GetStringAsync(Page)).ShouldContain("nina@acme.example");
    }
}
