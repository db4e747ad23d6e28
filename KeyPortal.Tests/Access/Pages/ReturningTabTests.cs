using System.Net;
using KeyPortal.Access;
using KeyPortal.Access.Members;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Access.Pages;

/// <summary>A tab that was drawn for a session which another tab has replaced since: it asks for the sign-in page with the new cookie.</summary>
public sealed class ReturningTabTests
{
    [Theory]
    [InlineData("/keys?q=a", "/keys?q=a")]
    [InlineData("//evil.example", "/")]
    public async Task Who_is_signed_in_goes_back_to_where_they_were(string wanted, string goes)
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        using var tab = new PagesVisitor(portal);
        tab.Bring(portal.CookieOf(await portal.SessionAsync(cast.Alice)));

        using var answer = await AskAsync(tab, wanted);

        (answer.StatusCode, answer.Headers.Location?.PathAndQuery).ShouldBe((HttpStatusCode.Redirect, goes));
    }

    [Fact]
    public async Task Who_is_not_or_has_no_place_left_signs_in()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        using var nobody = new PagesVisitor(portal);
        (await AskAsync(nobody, "/keys")).StatusCode.ShouldBe(HttpStatusCode.OK);

        var ended = await portal.SessionAsync(cast.Dora);
        await portal.Get<Writer>().RunAsync<bool>(async write => await Sessions.EndAsync(write, cast.Dora.Id, ended.SessionId, SessionEnd.Replaced));
        nobody.Bring(portal.CookieOf(ended));
        (await AskAsync(nobody, "/keys")).StatusCode.ShouldBe(HttpStatusCode.OK);

        await portal.OlafJoinsAcmeAsync(cast);
        using var olaf = new PagesVisitor(portal);
        olaf.Bring(portal.CookieOf((await portal.SessionAsync(cast.Olaf)) with { OrganizationId = cast.AcmeId }));
        (await portal.Get<MemberSuspension>().DisableAsync(cast.Alice, cast.Olaf.Id)).Refusal.ShouldBeNull();
        (await AskAsync(olaf, "/keys")).StatusCode.ShouldBe(HttpStatusCode.OK, "sent back, the page would send it here again");
    }

    [Fact]
    public async Task The_page_itself_still_lets_another_person_sign_in()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        using var browser = new PagesVisitor(portal);
        browser.Bring(portal.CookieOf(await portal.SessionAsync(cast.Alice)));

        (await browser.Http.GetAsync("/sign-in")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static Task<HttpResponseMessage> AskAsync(PagesVisitor tab, string wanted) => tab.Http.GetAsync("/sign-in?return=" + Uri.EscapeDataString(wanted));
}
