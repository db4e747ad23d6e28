using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.Testing.Handlers;

namespace KeyPortal.Tests.Support;

/// <summary>A browser without scripts at a portal inside this process: it keeps cookies, says which were set, and fills in forms.</summary>
public sealed partial class PagesVisitor : IDisposable
{
    private readonly CookieContainer _cookies = new();
    private readonly List<string> _setCookies = [];
    private readonly Uri _address;

    public PagesVisitor(Portal portal, string address = "http://localhost")
    {
        _address = new Uri(address);
        Http = portal.CreateDefaultClient(_address, new CookieContainerHandler(_cookies), new Listening(_setCookies));
    }

    public HttpClient Http { get; }

    /// <summary>Each <c>Set-Cookie</c> so far, whole.</summary>
    public IReadOnlyList<string> SetCookies => _setCookies;

    public string? Cookie(string name) => _cookies.GetCookies(_address)[name]?.Value;

    /// <summary>Takes a session past the sign-in pages.</summary>
    public void Bring(string cookie) => _cookies.Add(_address, new Cookie("keyportal", cookie));

    public async Task SignInAsync(string email) =>
        (await SubmitAsync("/sign-in", "sign-in", ("Form.Email", email), ("Form.Password", Cast.Password))).StatusCode.ShouldBe(HttpStatusCode.Redirect);

    /// <summary>What the script does with a link's token: sends it, and gets a cookie for it.</summary>
    public async Task OpenInvitationAsync(string token) =>
        (await SubmitAsync("/invitation", "open-invitation", ("Link.Token", token))).StatusCode.ShouldBe(HttpStatusCode.Redirect);

    /// <summary>Fills in one of a page's forms and sends it.</summary>
    public async Task<HttpResponseMessage> SubmitAsync(string path, string form, params (string Name, string Value)[] fields)
    {
        using var content = new FormUrlEncodedContent([new("_handler", form), new("__RequestVerificationToken", await TokenAsync(path)), .. fields.Select(f => KeyValuePair.Create(f.Name, f.Value))]);
        return await Http.PostAsync(path, content);
    }

    /// <summary>The antiforgery token in a page's first form.</summary>
    public async Task<string> TokenAsync(string path)
    {
        var token = Antiforgery().Match(await Http.GetStringAsync(path)).Groups[1].Value;
        token.ShouldNotBeEmpty(path);
        return token;
    }

    public void Dispose() => Http.Dispose();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Antiforgery();

    private sealed class Listening(List<string> heard) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            heard.AddRange(answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : []);
            return answer;
        }
    }
}
