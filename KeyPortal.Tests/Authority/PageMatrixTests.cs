using System.Net;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.Mvc.Testing;

namespace KeyPortal.Tests.Authority;

/// <summary>Every page, as nobody and as every role, and on another organization's thing: is it drawn for those only whom the table lets in?</summary>
public sealed class PageMatrixTests(MatrixStage stage, ITestOutputHelper output) : IClassFixture<MatrixStage>
{
    [Fact]
    public async Task Every_page_obeys_the_table()
    {
        using var http = stage.Portal.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        List<string> deviations = [];
        var cells = 0;
        foreach (var (_, row) in AuthorityRows.Pages.Where(p => p.Row.Act is not null))
        {
            var isAimed = row.Name.Contains("{Id", StringComparison.Ordinal);
            async Task CheckAsync(string what, Actor? actor, Whose whose, bool allowed)
            {
                cells++;
                var path = isAimed ? row.Name.Replace("{Id}", await stage.KeyAsync(stage.Holder(actor ?? stage.Cast.Alice, whose)), StringComparison.Ordinal) : row.Name;
                if (await IsDrawnAsync(http, path, actor) != allowed)
                {
                    deviations.Add($"{row.Name} as {what} on {whose}: {(allowed ? "refused" : "drawn")}");
                }
            }

            await CheckAsync("nobody", null, Whose.Own, allowed: false);
            foreach (var role in Enum.GetValues<Role>())
            {
                foreach (var whose in isAimed ? Enum.GetValues<Whose>() : [Whose.Own])
                {
                    await CheckAsync(role.ToString(), stage.Of(role), whose, MatrixStage.IsAllowed(role, row.Act!.Value, whose));
                }
            }
        }

        output.WriteLine($"{cells} cells, {deviations.Count} deviations");
        deviations.ShouldBeEmpty();
    }

    /// <summary>Drawn, and neither a way to the sign-in page, nor "not found", nor a sentence that says no.</summary>
    private async Task<bool> IsDrawnAsync(HttpClient http, string path, Actor? actor)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (actor is not null)
        {
            request.Headers.Add("Cookie", "keyportal=" + stage.Portal.CookieOf(await stage.Portal.SessionAsync(actor)));
        }

        using var answer = await http.SendAsync(request);
        return answer.StatusCode == HttpStatusCode.OK && !WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()).Contains("role does not allow", StringComparison.Ordinal)
            && !(await answer.Content.ReadAsStringAsync()).Contains("for your role", StringComparison.Ordinal);
    }
}
