using System.Net;
using System.Text.RegularExpressions;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Access.Pages;

public sealed class PasswordPagesTests
{
    private const string New = "seven quiet lamps burn";

    [Fact]
    public async Task A_forgotten_password_is_answered_alike_for_every_address_to_the_byte()
    {
        await using var post = PostOffice.Open();
        await using var portal = new Portal(post.Settings);
        await portal.WithoutSecondFactorAsync((await Cast.EnterAsync(portal)).Alice);
        var pages = new List<string>();
        foreach (var email in (string[])["alice@acme.example", "nobody@acme.example", "not an address"])
        {
            using var client = portal.CreateClient();
            var answer = await PostAsync(client, "/forgot-password", "forgot-password", ("Email", email));
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            pages.Add(await WithoutRandomAsync(answer));
        }

        pages.ShouldAllBe(page => page == pages[0]);
        pages[0].ShouldContain("If this address has an account here");
        pages[0].ShouldNotContain("acme");
    }

    [Fact]
    public async Task The_link_is_good_for_a_new_password_with_a_form_alone()
    {
        await using var post = PostOffice.Open();
        using var lines = new LogLines();
        await using var portal = new Portal(post.Settings) { Logs = lines };
        await portal.WithoutSecondFactorAsync((await Cast.EnterAsync(portal)).Alice);
        using var client = portal.CreateClient();
        await PostAsync(client, "/forgot-password", "forgot-password", ("Email", "alice@acme.example"));
        var mail = await post.NextAsync();

        var refused = await PostAsync(client, mail.Path, "reset-password", ("Token", mail.Fragment), ("Password", "password1234"));
        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await refused.Content.ReadAsStringAsync()).ShouldContain("too easy to guess");
        var done = await PostAsync(client, mail.Path, "reset-password", ("Token", mail.Fragment), ("Password", New));
        done.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await done.Content.ReadAsStringAsync()).ShouldContain("Your new password is set");
        var again = await PostAsync(client, mail.Path, "reset-password", ("Token", mail.Fragment), ("Password", New));
        again.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await again.Content.ReadAsStringAsync()).ShouldContain("not good any more");

        (await SignInAsync(client, New)).RequestMessage!.RequestUri!.AbsolutePath.ShouldBe("/");
        var text = string.Join('\n', lines.All);
        foreach (var secret in (string[])[mail.Fragment, New, "password1234"])
        {
            text.Contains(secret, StringComparison.Ordinal).ShouldBeFalse(lines.All.FirstOrDefault(l => l.Contains(secret, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Where_no_mail_is_sent_the_page_says_who_can_help()
    {
        await using var portal = new Portal(("environment", "Production"));
        await portal.WithoutSecondFactorAsync((await Cast.EnterAsync(portal)).Alice);
        using var client = portal.CreateClient();

        var page = await client.GetStringAsync("/forgot-password");

        page.ShouldContain("users reset-password");
        page.ShouldNotContain("<form");
    }

    [Fact]
    public async Task Changing_the_password_keeps_this_browser_and_no_other()
    {
        await using var portal = new Portal();
        await portal.WithoutSecondFactorAsync((await Cast.EnterAsync(portal)).Alice);
        using var client = portal.CreateClient();
        using var other = portal.CreateClient();
        await SignInAsync(client, Cast.Password);
        await SignInAsync(other, Cast.Password);

        var wrong = await PostAsync(client, "/account/password", "change-password", ("Current", "wrong password"), ("Password", New));
        wrong.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await wrong.Content.ReadAsStringAsync()).ShouldContain("This is not your present password.");
        var done = await PostAsync(client, "/account/password", "change-password", ("Current", Cast.Password), ("Password", New));
        (await done.Content.ReadAsStringAsync()).ShouldContain("Your password is changed.");

        (await client.GetAsync("/account/password")).RequestMessage!.RequestUri!.AbsolutePath.ShouldBe("/account/password");
        (await other.GetAsync("/account/password")).RequestMessage!.RequestUri!.AbsolutePath.ShouldBe("/sign-in");
    }

    [Theory]
    [InlineData("/forgot-password", "forgot-password")]
    [InlineData("/reset-password", "reset-password")]
    [InlineData("/account/password", "change-password")]
    public async Task A_form_that_another_site_sends_is_refused(string path, string form)
    {
        await using var portal = new Portal();
        await portal.WithoutSecondFactorAsync((await Cast.EnterAsync(portal)).Alice);
        using var client = portal.CreateClient();
        await SignInAsync(client, Cast.Password);

        using var content = new FormUrlEncodedContent([new("_handler", form), new("Form.Email", "alice@acme.example"), new("Form.Current", Cast.Password), new("Form.Password", New)]);
        (await client.PostAsync(path, content)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        (await SignInAsync(portal.CreateClient(), Cast.Password)).RequestMessage!.RequestUri!.AbsolutePath.ShouldBe("/");
    }

    private static Task<HttpResponseMessage> SignInAsync(HttpClient client, string password) =>
        PostAsync(client, "/sign-in", "sign-in", ("Email", "alice@acme.example"), ("Password", password));

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string path, string form, params (string Field, string Value)[] fields)
    {
        var page = await client.GetStringAsync(path);
        using var content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create("Form." + f.Field, f.Value))
            .Append(new("_handler", form))
            .Append(new("__RequestVerificationToken", page.Split("name=\"__RequestVerificationToken\" value=\"")[1].Split('"')[0])));
        return await client.PostAsync(path, content);
    }

    /// <summary>A page but for its nonce, and for what its encrypted state says; how long that is stays.</summary>
    private static async Task<string> WithoutRandomAsync(HttpResponseMessage answer)
    {
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
        var nonce = answer.Headers.GetValues("Content-Security-Policy").Single().Split("'nonce-")[1].Split('\'')[0];
        return Regex.Replace(page.Replace(nonce, "", StringComparison.Ordinal), "Component-State:[^-]+", state => $"state of {state.Length}", RegexOptions.None, TimeSpan.FromSeconds(1));
    }
}
