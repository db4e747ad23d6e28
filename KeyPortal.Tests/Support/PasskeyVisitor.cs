using System.Net;
using System.Text.RegularExpressions;
using KeyPortal.Access;
using KeyPortal.Access.Pages;
using KeyPortal.Primitives;
using Microsoft.AspNetCore.Mvc.Testing.Handlers;

namespace KeyPortal.Tests.Support;

/// <summary>A browser that does over HTTP what <c>passkeys.js</c> does: fetches the question, and sends the answer with the form.</summary>
public sealed partial class PasskeyVisitor : IDisposable
{
    public const string SignInPage = "/sign-in";
    public const string SecondStepPage = "/sign-in/second-factor";
    public const string NewPage = "/account/passkeys/new";
    public const string ConfirmPage = "/confirm";
    private static readonly Uri Here = new("http://localhost");

    private readonly Portal _portal;
    private readonly HttpClient _http;

    public PasskeyVisitor(Portal portal)
    {
        _portal = portal;
        _http = portal.CreateDefaultClient(Here, new CookieContainerHandler(Cookies));
    }

    public CookieContainer Cookies { get; } = new();

    /// <summary>Comes with a session.</summary>
    public static async Task<PasskeyVisitor> SignedInAsync(Portal portal, Actor person, SignInMethod method = SignInMethod.Password)
    {
        var visitor = new PasskeyVisitor(portal);
        visitor.Use(await portal.SessionAsync(person, method));
        return visitor;
    }

    public void Use(SessionReference session) => Cookies.Add(Here, new Cookie("keyportal", _portal.CookieOf(session)));

    /// <summary>Who the cookie says is here; null when there is none.</summary>
    public string? SessionCookie => Cookies.GetCookies(Here)["keyportal"]?.Value;

    /// <summary>The cookie that holds the question.</summary>
    public string? Question
    {
        get => Cookies.GetCookies(Here)["keyportal-passkey"]?.Value;
        set => Cookies.Add(Here, new Cookie("keyportal-passkey", value));
    }

    /// <summary>The answer of <paramref name="authenticator"/> to a new question of this page, not yet sent.</summary>
    public async Task<string> AnswerAsync(string page, SoftwareAuthenticator authenticator)
    {
        var options = await AskAsync(page);
        return page == NewPage ? authenticator.Create(options) : authenticator.Get(options);
    }

    /// <summary>Asks as the page does.</summary>
    public async Task<string> AskAsync(string page)
    {
        using var asked = await PostAsync(page, OptionsOf(page));
        asked.StatusCode.ShouldBe(HttpStatusCode.OK, await asked.Content.ReadAsStringAsync());
        return await asked.Content.ReadAsStringAsync();
    }

    /// <summary>Sends the form of a page with an answer.</summary>
    public Task<HttpResponseMessage> SendAsync(string page, string answer, string name = "A passkey") =>
        PostAsync(page, page, ("_handler", FormOf(page)), ("answer", answer), ("PasskeyName", name));

    /// <summary>The whole way: question, answer, form.</summary>
    public async Task<HttpResponseMessage> UseAsync(string page, SoftwareAuthenticator authenticator, string name = "A passkey") =>
        await SendAsync(page, await AnswerAsync(page, authenticator), name);

    public Task<HttpResponseMessage> TypePasswordAsync(string email) =>
        PostAsync(SignInPage, SignInPage, ("_handler", "sign-in"), ("Form.Email", email), ("Form.Password", Cast.Password));

    public Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] fields) =>
        _http.PostAsync(path, new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))));

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(path);

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> PostAsync(string page, string path, params (string Name, string Value)[] fields)
    {
        var token = Antiforgery().Match(await _http.GetStringAsync(page)).Groups[1].Value;
        token.ShouldNotBeEmpty($"{page} has no form");
        return await PostAsync(path, [.. fields, ("__RequestVerificationToken", token)]);
    }

    private static string OptionsOf(string page) => page switch
    {
        SignInPage => PasskeyEndpoints.ForSignIn,
        SecondStepPage => PasskeyEndpoints.ForSecondStep,
        ConfirmPage => PasskeyEndpoints.ForConfirmation,
        _ => PasskeyEndpoints.ForEnrolment,
    };

    private static string FormOf(string page) => page switch
    {
        SignInPage => "passkey-sign-in",
        SecondStepPage => "passkey-second-step",
        ConfirmPage => "passkey-confirmation",
        _ => "new-passkey",
    };

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Antiforgery();
}
