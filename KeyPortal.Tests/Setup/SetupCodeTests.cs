using System.Net;
using System.Text.RegularExpressions;
using KeyPortal.Setup;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;

namespace KeyPortal.Tests.Setup;

/// <summary>The set-up page, guessed at from the addresses that connections and headers name.</summary>
public sealed partial class SetupCodeTests : IAsyncLifetime
{
    private const string Proxy = "10.0.0.7";
    private readonly Portal _portal = new(("KeyPortal:Guesses:PerAddress", "3"), ("KeyPortal:Proxies", "10.0.0.0/8"));
    private string _code = "";

    public ValueTask InitializeAsync()
    {
        _code = _portal.Get<SetupCode>().Issue();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Three_wrong_codes_are_as_many_as_one_address_gets_in_fifteen_minutes()
    {
        for (var i = 0; i < 3; i++)
        {
            (await TryAsync("127.0.0.1", null, "wrong")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        }

        (await TryAsync("127.0.0.1", null, _code)).ShouldBe(HttpStatusCode.TooManyRequests, "even the right one");
        (await _portal.Get<FirstRun>().IsEmptyAsync()).ShouldBeTrue();
        _portal.Clock.Advance(TimeSpan.FromMinutes(15));
        (await TryAsync("127.0.0.1", null, _code)).ShouldBe(HttpStatusCode.Redirect);
        (await _portal.Get<FirstRun>().IsEmptyAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task A_right_code_with_a_form_that_is_not_costs_nothing()
    {
        for (var i = 0; i < 6; i++)
        {
            (await TryAsync("127.0.0.1", null, _code, password: "short")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        }

        (await TryAsync("127.0.0.1", null, _code)).ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task Behind_a_configured_proxy_each_client_has_its_own_count()
    {
        for (var i = 0; i < 3; i++)
        {
            // What stands further left was written by the client.
            (await TryAsync(Proxy, $"198.51.100.{i}, 203.0.113.9", "wrong")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        }

        (await TryAsync(Proxy, "198.51.100.77, 203.0.113.9", _code)).ShouldBe(HttpStatusCode.TooManyRequests);
        (await TryAsync(Proxy, "203.0.113.10", _code)).ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task A_header_from_elsewhere_is_not_believed()
    {
        for (var i = 0; i < 3; i++)
        {
            (await TryAsync("127.0.0.1", $"203.0.113.{i}", "wrong")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        }

        (await TryAsync("127.0.0.1", "203.0.113.77", _code)).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    private async Task<HttpStatusCode> TryAsync(string connection, string? forwarded, string code, string password = Cast.Password)
    {
        void Come(HttpContext request)
        {
            request.Connection.RemoteIpAddress = IPAddress.Parse(connection);
            request.Request.Path = "/set-up";
            request.Request.Host = new HostString("localhost");
            request.Request.Headers["X-Forwarded-Proto"] = "https";
            if (forwarded is not null)
            {
                request.Request.Headers["X-Forwarded-For"] = forwarded;
            }
        }

        var page = await _portal.Server.SendAsync(Come);
        var cookies = string.Join("; ", page.Response.Headers.SetCookie.Select(c => c!.Split(';')[0]));
        using var body = new StreamReader(page.Response.Body);
        var token = Antiforgery().Match(await body.ReadToEndAsync()).Groups[1].Value;
        token.ShouldNotBeEmpty();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["_handler"] = "set-up",
            ["__RequestVerificationToken"] = token,
            ["Form.Code"] = code,
            ["Form.OrganizationName"] = "Acme",
            ["Form.OwnerName"] = "Alice",
            ["Form.Email"] = "alice@acme.example",
            ["Form.Password"] = password,
        });
        var bytes = await form.ReadAsByteArrayAsync();
        var answer = await _portal.Server.SendAsync(request =>
        {
            Come(request);
            request.Request.Method = "POST";
            request.Request.Headers.Cookie = cookies;
            request.Request.ContentType = "application/x-www-form-urlencoded";
            request.Request.ContentLength = bytes.Length;
            request.Request.Body = new MemoryStream(bytes);
        });
        return (HttpStatusCode)answer.Response.StatusCode;
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Antiforgery();
}
