using System.Net;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace KeyPortal.Tests.Access;

/// <summary>
/// A foreign page can make a signed-in person's browser post any form. Every endpoint of the portal that takes one is asked, so that a new one is
/// covered the day it is written: without the right antiforgery token it answers 400 and nothing is changed.
/// </summary>
public sealed class ForeignFormTests
{
    // The API believes no cookie (its door stands before them); a circuit is guarded by the Origin of whoever opens it.
    private static readonly string[] Elsewhere = ["/api", "/api_keys", "/openapi", "/healthz", "/.well-known", "/_blazor"];

    [Fact]
    public async Task No_form_of_the_portal_is_taken_without_its_antiforgery_token()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        using var alice = new PagesVisitor(portal);
        using var olaf = new PagesVisitor(portal);
        alice.Bring(portal.CookieOf(await portal.SessionAsync(cast.Alice)));
        olaf.Bring(portal.CookieOf(await portal.SessionAsync(cast.Olaf)));
        var others = await olaf.TokenAsync("/keys");
        await alice.TokenAsync("/keys"); // Her browser has its antiforgery cookie.
        using var onlooker = new Onlooker(portal);
        var before = onlooker.CommitsSeen();

        var taking = portal.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(TakesForms).ToList();
        string[] known = ["/sign-in", "/sign-out", "/set-up", "/account"];
        known.ShouldBeSubsetOf(taking.Select(e => AddressOf(e.RoutePattern)), "whether it looks in the right place");
        foreach (var endpoint in taking)
        {
            foreach (var token in (string?[])[null, "", "nonsense", others])
            {
                using var form = new FormUrlEncodedContent(token is null ? [] : [KeyValuePair.Create("__RequestVerificationToken", token)]);
                var answer = await alice.Http.PostAsync(AddressOf(endpoint.RoutePattern), form);
                answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, $"{endpoint.RoutePattern.RawText} with {token ?? "no token"}");
            }
        }

        onlooker.CommitsSeen().ShouldBe(before, "something was written");
    }

    [Fact]
    public async Task A_form_of_ones_own_is_taken_from_another_network_and_in_no_other_session()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        using var alice = new PagesVisitor(portal);
        alice.Bring(portal.CookieOf(await portal.SessionAsync(cast.Alice)));
        using var earlier = new FormUrlEncodedContent([KeyValuePair.Create("__RequestVerificationToken", await alice.TokenAsync("/keys"))]);
        alice.Bring(portal.CookieOf(await portal.SessionAsync(cast.Alice)));
        (await alice.Http.PostAsync("/sign-out", earlier)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        using var form = new FormUrlEncodedContent([KeyValuePair.Create("__RequestVerificationToken", await alice.TokenAsync("/keys"))]);
        alice.Http.DefaultRequestHeaders.Add("User-Agent", "Where the connection comes from is told by address and browser alike");
        (await alice.Http.PostAsync("/sign-out", form)).StatusCode.ShouldNotBe(HttpStatusCode.BadRequest);
    }

    private static bool TakesForms(RouteEndpoint endpoint)
    {
        var path = AddressOf(endpoint.RoutePattern);
        return !Elsewhere.Any(e => path == e || path.StartsWith(e + "/", StringComparison.OrdinalIgnoreCase))
            && endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is { } methods
            && methods.Any(m => m is "POST" or "PUT" or "PATCH" or "DELETE");
    }

    /// <summary>An address that the pattern fits, with <c>x</c> for each parameter.</summary>
    private static string AddressOf(RoutePattern pattern) =>
        "/" + string.Join('/', pattern.PathSegments.Select(s => string.Concat(s.Parts.Select(p => p switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternSeparatorPart separator => separator.Content,
            _ => "x",
        }))));
}
