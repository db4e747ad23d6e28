using KeyPortal.Access;
using KeyPortal.Mail;
using KeyPortal.Tests.Support;
using Microsoft.Extensions.Options;

namespace KeyPortal.Tests.Access;

public sealed class PublicAddressTests
{
    [Theory]
    [InlineData(null, null, true)]
    [InlineData("https://keys.example.com", null, true)]
    [InlineData("https://keys.example.com", "smtp.example.com", true)]
    [InlineData(null, "smtp.example.com", false)]
    [InlineData("https://keys.example.com/portal", null, false)]
    [InlineData("keys.example.com", "smtp.example.com", false)]
    public void A_mail_server_needs_an_address_for_links(string? publicUrl, string? mailHost, bool good)
    {
        var checks = new ValidatePublicSettings(Options.Create(new MailSettings { Host = mailHost }));

        var result = checks.Validate(null, new PublicSettings { PublicUrl = publicUrl });

        result.Succeeded.ShouldBe(good);
        if (!good)
        {
            result.FailureMessage.ShouldStartWith("KeyPortal:PublicUrl ");
        }
    }

    [Fact]
    public async Task A_link_begins_with_the_public_address()
    {
        await using var portal = new Portal(("KeyPortal:PublicUrl", "https://keys.example.com:8443"));

        (portal.Get<PublicAddress>().Link("/sign-in"), portal.Get<PublicAddress>().Name).ShouldBe(("https://keys.example.com:8443/sign-in", "keys.example.com"));
    }

    [Theory]
    [InlineData("https://schlüssel.example", "https://xn--schlssel-95a.example")]
    [InlineData("https://SCHLÜSSEL.example:8443/", "https://xn--schlssel-95a.example:8443")]
    [InlineData("https://xn--schlssel-95a.example", "https://xn--schlssel-95a.example")]
    [InlineData("HTTPS://Keys.Example.com:443", "https://keys.example.com")]
    [InlineData("http://[2001:DB8::1]:5080", "http://[2001:db8::1]:5080")]
    [InlineData("http://10.0.0.7", "http://10.0.0.7")]
    public void An_origin_is_written_as_browsers_send_it(string typed, string sent) => OwnOrigin.Of(typed).ShouldBe(sent);

    [Fact]
    public async Task A_page_at_an_address_in_another_script_is_our_own()
    {
        await using var portal = new Portal(("KeyPortal:PublicUrl", "https://schlüssel.example"));
        var cast = await Cast.EnterAsync(portal);
        using var client = portal.CreateClient();
        client.DefaultRequestHeaders.Add("Cookie", $"keyportal={portal.CookieOf(await portal.SessionAsync(cast.Alice))}");
        client.DefaultRequestHeaders.Add("Origin", "https://xn--schlssel-95a.example");

        (await client.PostAsync("/_blazor/negotiate?negotiateVersion=1", null)).StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
        portal.Get<PublicAddress>().Name.ShouldBe("schlüssel.example");
    }

    [Fact]
    public async Task Without_one_it_begins_with_where_the_server_listens()
    {
        await using var portal = new Portal();
        portal.UseKestrel(0);
        portal.StartServer();

        portal.Get<PublicAddress>().Link("/sign-in").ShouldBe($"{portal.ClientOptions.BaseAddress}sign-in");
    }

    [Theory]
    [InlineData("http://[::]:5080", "http://localhost:5080")]
    [InlineData("http://0.0.0.0:5080", "http://localhost:5080")]
    [InlineData("http://10.0.0.7:80", "http://10.0.0.7:80")]
    public void Every_address_is_seen_from_here_as_localhost(string listening, string seen) => PublicAddress.FromHere(listening).ShouldBe(seen);
}
