using System.Net;
using System.Text.RegularExpressions;

namespace KeyPortal.Tests.Support;

/// <summary>A browser without scripts: it keeps cookies, and fills in the forms of pages.</summary>
public sealed partial class FormVisitor(Uri address) : IDisposable
{
    private readonly HttpClient _http = new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = address };

    /// <summary>A redirect when the password is right: to the second step, where the account has a second factor.</summary>
    public Task<HttpStatusCode> SignInAsync(string email, string password) => SubmitAsync("/sign-in", ("Email", email), ("Password", password));

    /// <summary>The second step after a right password; a redirect when the code is right. A recovery code, for a clock's code works once in 30 seconds.</summary>
    public Task<HttpStatusCode> ShowRecoveryCodeAsync(string code) => SubmitAsync("/sign-in/second-factor?with=recovery-code", ("Code", code));

    /// <summary>A redirect when the instance is set up.</summary>
    public Task<HttpStatusCode> SetUpAsync(string code, string email, string password) =>
        SubmitAsync("/set-up", ("Code", code), ("OrganizationName", "Acme Payments"), ("OwnerName", "Alice"), ("Email", email), ("Password", password));

    public async Task<string> ReadAsync(string path)
    {
        using var answer = await _http.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, path);
        return await answer.Content.ReadAsStringAsync();
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Fills in the form of a page and sends it.</summary>
    public async Task<HttpStatusCode> SubmitAsync(string path, params (string Field, string Value)[] fields)
    {
        var page = await ReadAsync(path);
        var (form, token) = (Handler().Match(page).Groups[1].Value, Antiforgery().Match(page).Groups[1].Value);
        token.ShouldNotBeEmpty();
        var content = fields.Select(f => KeyValuePair.Create("Form." + f.Field, f.Value))
            .Append(new("_handler", form))
            .Append(new("__RequestVerificationToken", token));
        using var answer = await _http.PostAsync(path, new FormUrlEncodedContent(content));
        return answer.StatusCode;
    }

    [GeneratedRegex("name=\"_handler\" value=\"([^\"]+)\"")]
    private static partial Regex Handler();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Antiforgery();
}
