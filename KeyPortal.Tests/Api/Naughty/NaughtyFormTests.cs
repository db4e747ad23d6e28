using System.Net;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api.Naughty;

/// <summary>Every text of the list in the portal's forms that work without scripts: the page comes back, or leads on.</summary>
public sealed class NaughtyFormTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Theory]
    [InlineData("/sign-in", "sign-in", "Form.Email", "Form.Password")]
    [InlineData("/forgot-password", "forgot-password", "Form.Email")]
    [InlineData("/reset-password", "reset-password", "Form.Token", "Form.Password")]
    public async Task Before_the_door(string path, string form, params string[] fields)
    {
        using var visitor = new PagesVisitor(_portal);
        await SubmitAllAsync(visitor, path, form, fields);
    }

    [Theory]
    [InlineData("/account/password", "change-password", "Form.Current", "Form.New")]
    [InlineData("/found-organization", "found-organization", "Form.Name")]
    public async Task Behind_it(string path, string form, params string[] fields)
    {
        using var visitor = new PagesVisitor(_portal);
        visitor.Bring(_portal.CookieOf(await _portal.SessionAsync(_cast.Dora)));
        await SubmitAllAsync(visitor, path, form, fields);
    }

    [Fact]
    public async Task An_invitation_and_its_token()
    {
        using var visitor = new PagesVisitor(_portal);
        var token = await _portal.InvitedAsync(_cast.Alice, "new@acme.example");
        await SubmitAllAsync(visitor, "/invitation", "open-invitation", ["Link.Token"]);
        await visitor.OpenInvitationAsync(token);
        await SubmitAllAsync(visitor, "/invitation", "accept-new", ["Form.Name"], ("Form.Password", "short"));
    }

    private static async Task SubmitAllAsync(PagesVisitor visitor, string path, string form, string[] fields, params (string Name, string Value)[] more)
    {
        var token = await visitor.TokenAsync(path);
        List<string> faults = [];
        // Whoever asks for a password's sake is kept waiting, right or wrong: of those forms each fifth text will do, for the API's own calls take them all.
        var isSlow = path is "/sign-in" or "/forgot-password";
        foreach (var text in NaughtyList.All.Where((_, i) => !isSlow || i % 5 == 0))
        {
            using var content = new FormUrlEncodedContent([new("_handler", form), new("__RequestVerificationToken", token), .. fields.Select(field => KeyValuePair.Create(field, text)), .. more.Select(m => KeyValuePair.Create(m.Name, m.Value))]);
            using var answer = await visitor.Http.PostAsync(path, content);
            if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.Gone or HttpStatusCode.Unauthorized or HttpStatusCode.UnprocessableEntity or HttpStatusCode.TooManyRequests))
            {
                faults.Add($"{path} with {text}: {answer.StatusCode}");
            }
        }

        faults.Take(5).ShouldBeEmpty();
    }
}
