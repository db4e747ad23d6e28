using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;

namespace KeyPortal.Tests.Api;

/// <summary>Who changes a key may say which state of it they mean.</summary>
public sealed class EntityTagTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;
    private Client _client = null!;
    private string _id = null!;
    private string _path = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _client = await Client.OfAsync(_portal, _cast.Alice);
        _id = (await _portal.KeyAsync(_cast.Alice, "Tagged")).Key.Id;
        _path = $"{Client.Keys}/{_id}";
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private static string TagOf(Answer answer) => answer.Message.Headers.ETag.ShouldNotBeNull().ToString();

    private Task<Answer> SendAsync(HttpMethod method, string path, string header, string tag, string? body = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-API-Key", _client.Key);
        request.Headers.TryAddWithoutValidation(header, tag);
        return _client.SendAsync(request);
    }

    [Fact]
    public async Task A_key_has_a_strong_tag_that_its_use_does_not_change_and_a_change_does()
    {
        var key = await _portal.KeyAsync(_cast.Alice, "Used");
        var path = $"{Client.Keys}/{key.Key.Id}";
        var tag = TagOf(await _client.GetAsync(path));
        tag.ShouldStartWith("\"");

        (await _client.ValidateAsync(key.Plaintext.Expose())).Code.ShouldBe("valid");
        (await _portal.Get<LastUses>().WriteAsync()).ShouldBeTrue();
        (await _client.GetAsync(path))["last_used_at"].ShouldNotBeNull();
        TagOf(await _client.GetAsync(path)).ShouldBe(tag);

        var renamed = await _client.PatchAsync(path, new JsonObject { ["name"] = "Renamed" });
        TagOf(renamed).ShouldNotBe(tag);
        TagOf(await _client.GetAsync(path)).ShouldBe(TagOf(renamed));
    }

    [Fact]
    public async Task Time_alone_changes_the_tag_where_it_changes_the_record()
    {
        var expiring = await _portal.KeyAsync(_cast.Alice, "Expiring", with: k => k with { Expiry = KeyPortal.Keys.ExpiryInput.On(_portal.Clock.Now.AddHours(1)) });
        var path = $"{Client.Keys}/{expiring.Key.Id}";
        var tag = TagOf(await _client.GetAsync(path));

        _portal.Clock.Advance(TimeSpan.FromHours(1));

        TagOf(await _client.GetAsync(path)).ShouldNotBe(tag, "the status is another one");
    }

    [Theory]
    [InlineData("PATCH", "", """{"name":"Second"}""")]
    [InlineData("PUT", "", """{"name":"Second"}""")]
    [InlineData("DELETE", "", null)]
    [InlineData("POST", "/revoke", "{}")]
    [InlineData("POST", "/revoke", """{"retire_in_seconds":60}""")]
    [InlineData("POST", "/rotate", "{}")]
    [InlineData("POST", "/disable", null)]
    [InlineData("POST", "/enable", null)]
    public async Task A_change_is_made_only_to_the_state_that_was_meant(string method, string act, string? body)
    {
        var seen = TagOf(await _client.GetAsync(_path));
        var now = TagOf(await _client.PatchAsync(_path, new JsonObject { ["name"] = "First" }));

        (await SendAsync(new HttpMethod(method), _path + act, "If-Match", seen, body)).IsProblem(412, "precondition_failed");
        (await SendAsync(new HttpMethod(method), _path + act, "If-Match", "W/" + now, body)).IsProblem(412, "precondition_failed");
        var unchanged = await _client.GetAsync(_path);
        (unchanged.Text("name"), unchanged.Text("status")).ShouldBe(("First", "active"));
        TagOf(unchanged).ShouldBe(now);

        var done = (await SendAsync(new HttpMethod(method), _path + act, "If-Match", $"\"other\", {now}", body)).Is(HttpStatusCode.OK);
        TagOf(done).ShouldBe(TagOf(await _client.GetAsync(_path)));
    }

    [Fact]
    public async Task A_star_means_any_state_and_still_no_key_that_is_not_there()
    {
        (await SendAsync(HttpMethod.Patch, _path, "If-Match", "*", """{"name":"Any"}""")).Is(HttpStatusCode.OK);
        (await SendAsync(HttpMethod.Patch, $"{Client.Keys}/key_none", "If-Match", "*", """{"name":"Any"}""")).IsProblem(404, "not_found");
    }

    [Fact]
    public async Task Of_many_changes_to_one_state_one_is_made()
    {
        var seen = TagOf(await _client.GetAsync(_path));

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => SendAsync(HttpMethod.Patch, _path, "If-Match", seen, $$"""{"name":"Writer {{i}}"}""")));

        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(1);
        answers.Count(a => a.Status == HttpStatusCode.PreconditionFailed).ShouldBe(19);
        (await _portal.AuditAsync(_cast.Alice, "key.updated")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_reader_who_has_it_already_is_told_so()
    {
        var seen = TagOf(await _client.GetAsync(_path));

        var known = await SendAsync(HttpMethod.Get, _path, "If-None-Match", seen);
        known.Is(HttpStatusCode.NotModified);
        (known.Json, TagOf(known)).ShouldBe((null, seen));
        (await SendAsync(HttpMethod.Get, _path, "If-None-Match", "\"other\"")).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Another_organizations_key_has_no_tag_to_match()
    {
        var foreign = (await _portal.KeyAsync(_cast.Olaf)).Key.Id;

        (await SendAsync(HttpMethod.Delete, $"{Client.Keys}/{foreign}", "If-Match", "*")).IsProblem(404, "not_found");
    }
}
