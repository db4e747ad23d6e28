using System.Net;
using System.Text;
using KeyPortal.Access;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

/// <summary>A call that is sent again makes nothing twice, and tells no secret twice.</summary>
public sealed class IdempotencyTests : IAsyncLifetime
{
    private const string Body = """{"name":"Once"}""";
    private readonly Portal _portal = new(("KeyPortal:Policy:KeysPerMember", "1000"));
    private Cast _cast = null!;
    private Client _client = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _client = await Client.OfAsync(_portal, _cast.Alice);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private Task<Answer> SendAsync(string key, string body = Body, string path = Client.Keys, Client? client = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-API-Key", (client ?? _client).Key);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return _client.SendAsync(request);
    }

    private static bool IsReplayed(Answer answer) => answer.Message.Headers.TryGetValues("Idempotent-Replayed", out var values) && values.Single() == "true";

    private async Task<int> TotalAsync() => (await _client.GetAsync($"{Client.Keys}?q=Once"))["total"].GetValue<int>();

    [Fact]
    public async Task A_repeat_answers_the_same_key_without_its_secret()
    {
        var first = (await SendAsync("a")).Is(HttpStatusCode.Created);
        var again = (await SendAsync("a")).Is(HttpStatusCode.Created);

        IsReplayed(first).ShouldBeFalse();
        first.Text("key").ShouldStartWith("sk_test_");
        IsReplayed(again).ShouldBeTrue();
        again.Json!["key"].ShouldBeNull();
        again.Text("id").ShouldBe(first.Text("id"));
        again.Message.Headers.Location!.ToString().ShouldEndWith(first.Text("id"));
        (await TotalAsync()).ShouldBe(1);
        (await _portal.AuditAsync(_cast.Alice, "key.created")).Count(e => e.TargetName == "Once").ShouldBe(1);
    }

    [Fact]
    public async Task The_group_has_two_names_and_one_memory()
    {
        await SendAsync("a");

        IsReplayed(await SendAsync("a", path: "/api_keys")).ShouldBeTrue();
        IsReplayed(await SendAsync("a", path: "/API/v1/api-keys/")).ShouldBeTrue();
        (await TotalAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Another_body_is_refused_and_makes_nothing()
    {
        await SendAsync("a");

        (await SendAsync("a", """{"name":"Once more"}""")).IsProblem(422, "idempotency_key_reused");
        (await TotalAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Fifty_at_once_make_one()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => SendAsync("same")));

        answers.Where(a => a.Status == HttpStatusCode.Created && !IsReplayed(a)).ShouldHaveSingleItem();
        answers.Where(a => a.Status != HttpStatusCode.Created).ShouldAllBe(a => a.IsProblem(409, "idempotent_call_under_way") != null);
        (await TotalAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_refused_call_is_not_remembered()
    {
        (await SendAsync("a", """{"name":""}""")).IsProblem(422, "validation_failed");

        IsReplayed((await SendAsync("a")).Is(HttpStatusCode.Created)).ShouldBeFalse();
    }

    [Fact]
    public async Task It_is_forgotten_after_a_day_and_not_before()
    {
        var first = await SendAsync("a");
        _portal.Clock.Advance(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1));
        IsReplayed(await SendAsync("a")).ShouldBeTrue();

        _portal.Clock.Advance(TimeSpan.FromSeconds(2));
        var later = await SendAsync("a");

        IsReplayed(later).ShouldBeFalse();
        later.Text("id").ShouldNotBe(first.Text("id"));
        _portal.Clock.Advance(TimeSpan.FromDays(3));
        (await _portal.Get<Sweeper>().SweepAsync()).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Another_organizations_call_is_another_call()
    {
        var olaf = await Client.OfAsync(_portal, _cast.Olaf);
        var ours = await SendAsync("a");
        var theirs = await SendAsync("a", client: olaf);

        IsReplayed(theirs).ShouldBeFalse();
        theirs.Text("organization_id").ShouldNotBe(ours.Text("organization_id"));
    }

    [Fact]
    public async Task A_colleague_who_may_not_see_the_key_is_not_told_of_it()
    {
        var dora = _client.With((await _portal.KeyAsync(_cast.Dora, with: k => k with { Scopes = ["api-keys:manage"] })).Plaintext.Expose());
        await SendAsync("a");

        (await SendAsync("a", client: dora)).IsProblem(404, "not_found");
    }

    [Fact]
    public async Task A_rotation_is_made_once_and_each_key_has_its_own()
    {
        var key = await _portal.KeyAsync(_cast.Alice, "Once rotated");
        var other = await _portal.KeyAsync(_cast.Alice, "Once rotated too");
        var first = (await SendAsync("r", "{}", $"{Client.Keys}/{key.Key.Id}/rotate")).Is(HttpStatusCode.OK);
        var again = (await SendAsync("r", "{}", $"{Client.Keys}/{key.Key.Id}/rotate")).Is(HttpStatusCode.OK);

        first["secret_version"].GetValue<int>().ShouldBe(2);
        again["secret_version"].GetValue<int>().ShouldBe(2);
        again.Json!["key"].ShouldBeNull();
        (await _client.ValidateAsync(first.Text("key"))).Code.ShouldBe("valid");
        IsReplayed((await SendAsync("r", "{}", $"{Client.Keys}/{other.Key.Id}/rotate")).Is(HttpStatusCode.OK)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("ключ")]
    public async Task A_key_of_another_form_is_refused(string key) => (await SendAsync(key)).IsProblem(400, "bad_idempotency_key");

    [Fact]
    public async Task A_key_that_is_too_long_is_refused()
    {
        (await SendAsync(new string('a', 256))).IsProblem(400, "bad_idempotency_key");
        (await SendAsync(new string('a', 255))).Is(HttpStatusCode.Created);
    }
}
