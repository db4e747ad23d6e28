using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KeyPortal.Keys;
using KeyPortal.Keys.Leaks;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

/// <summary>Whoever finds a key may end it.</summary>
public sealed class RevokeLeakedTests : IAsyncLifetime
{
    private const string Path = "/api/v1/revoke-leaked";
    private readonly Portal _portal = new(("KeyPortal:Guesses:PerAddress", "3"));
    private Cast _cast = null!;
    private Client _client = null!;
    private Client _stranger = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _client = await Client.OfAsync(_portal, _cast.Alice);
        _stranger = _client.With(null);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private static JsonObject Of(params string[] keys) => new() { ["keys"] = new JsonArray([.. keys.Select(k => (JsonNode)k)]) };

    private async Task<string> CodeAsync(IssuedKey key) => (await _client.ValidateAsync(key.Plaintext.Expose())).Code;

    [Fact]
    public async Task A_current_secret_ends_its_key_at_once_and_the_log_says_how()
    {
        List<KeyLeaked> heard = [];
        _portal.Get<CommitSignals>().Committed += signal => heard.AddRange(signal is KeyLeaked leaked ? [leaked] : []);
        var key = await _portal.KeyAsync(_cast.Dora, "Found");
        (await CodeAsync(key)).ShouldBe("valid");

        var answer = (await _stranger.PostAsync(Path, Of("nonsense", key.Plaintext.Expose()))).Is(HttpStatusCode.Accepted);

        answer.Json!.ToJsonString().ShouldBe("""{"received":2}""");
        (await CodeAsync(key)).ShouldBe("revoked");
        var entry = (await _portal.AuditAsync(_cast.Alice, "key.revoked")).ShouldHaveSingleItem();
        (entry.ActorType, entry.TargetId).ShouldBe(("system", key.Key.Id));
        (entry.Details["reason"]!.GetValue<string>(), entry.Details["reported_by"]!.GetValue<string>()).ShouldBe(("key_compromise", "api"));
        entry.Raw.ShouldNotContain(key.Plaintext.Expose());
        heard.ShouldHaveSingleItem().Outcome.ShouldBe(LeakOutcome.Revoked);

        (await _stranger.PostAsync(Path, Of(key.Plaintext.Expose()))).Is(HttpStatusCode.Accepted);
        (await _portal.AuditAsync(_cast.Alice, "key.revoked")).Count.ShouldBe(1, "once is enough");
    }

    [Fact]
    public async Task A_superseded_secret_ends_alone()
    {
        var key = await _portal.KeyAsync(_cast.Alice);
        var newer = (await _portal.Get<KeyRotation>().RotateAsync(_cast.Alice, key.Key.Id, new RotationInput(TimeSpan.FromDays(1)))).Value;

        (await _stranger.PostAsync(Path, Of(key.Plaintext.Expose()))).Is(HttpStatusCode.Accepted);

        (await CodeAsync(key)).ShouldBe("expired");
        (await CodeAsync(newer)).ShouldBe("valid");
        (await _portal.AuditAsync(_cast.Alice, "key.leak_reported")).ShouldHaveSingleItem().Details["effect"]!.GetValue<string>().ShouldBe("secret_ended");
    }

    [Fact]
    public async Task A_publishable_key_is_only_told_of_and_once_a_day()
    {
        var key = await _portal.KeyAsync(_cast.Alice, "Page", KeyType.Publishable);

        (await _stranger.PostAsync(Path, Of(key.Plaintext.Expose()))).Is(HttpStatusCode.Accepted);
        (await _stranger.PostAsync(Path, Of(key.Plaintext.Expose()))).Is(HttpStatusCode.Accepted);

        (await CodeAsync(key)).ShouldBe("valid");
        (await _portal.AuditAsync(_cast.Alice, "key.leak_reported")).ShouldHaveSingleItem().Details["effect"]!.GetValue<string>().ShouldBe("told");
        _portal.Clock.Advance(TimeSpan.FromDays(1));
        (await _stranger.PostAsync(Path, Of(key.Plaintext.Expose()))).Is(HttpStatusCode.Accepted);
        (await _portal.AuditAsync(_cast.Alice, "key.leak_reported")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task It_works_while_key_management_is_off()
    {
        var key = await _portal.KeyAsync(_cast.Alice);
        _portal.TurnKeyManagement("false");

        (await _stranger.PostAsync(Path, Of(key.Plaintext.Expose()))).Is(HttpStatusCode.Accepted);

        (await CodeAsync(key)).ShouldBe("revoked");
    }

    [Fact]
    public async Task Noise_is_bounded_for_each_address_and_good_reports_are_not()
    {
        for (var i = 0; i < 5; i++)
        {
            var key = await _portal.KeyAsync(_cast.Dan, $"Found {i}");
            (await _stranger.PostAsync(Path, Of(key.Plaintext.Expose()))).Is(HttpStatusCode.Accepted);
        }

        for (var i = 0; i < 3; i++)
        {
            (await _stranger.PostAsync(Path, Of("sk_test_0123456789ABCDEFGHIJKLMNOP4PdKB4"))).Is(HttpStatusCode.Accepted);
        }

        var refused = (await _stranger.PostAsync(Path, Of("sk_test_0123456789ABCDEFGHIJKLMNOP4PdKB4"))).IsProblem(429, "too_many_attempts");
        refused.Message.Headers.RetryAfter.ShouldNotBeNull();
        _portal.Clock.Advance(TimeSpan.FromMinutes(15));
        (await _stranger.PostAsync(Path, Of("nonsense"))).Is(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task A_thousand_at_once_and_no_more()
    {
        var key = await _portal.KeyAsync(_cast.Alice);
        var noise = Enumerable.Range(0, 999).Select(i => PlaintextKey.Generate(KeyType.Secret, KeyEnvironment.Live, "").Expose());

        (await _stranger.PostAsync(Path, Of([.. noise, key.Plaintext.Expose()]))).Is(HttpStatusCode.Accepted);

        (await CodeAsync(key)).ShouldBe("revoked");
        (await _stranger.PostAsync(Path, Of([.. Enumerable.Repeat("x", 1001)]))).IsProblem(422, "validation_failed").Pointers.ShouldBe("/keys");
        (await _stranger.PostAsync(Path, new JsonObject())).IsProblem(422, "validation_failed");
        (await _stranger.RawAsync(Path, """{"keys":[null]}""")).IsProblem(422, "validation_failed");
    }

    [Fact]
    public async Task The_owner_and_those_who_answer_for_the_organization_are_mailed()
    {
        await using var post = PostOffice.Open();
        await using var portal = new Portal(post.Settings);
        var cast = await Cast.EnterAsync(portal);
        var key = await portal.KeyAsync(cast.Dora, "Found");

        await new Client(portal.CreateClient(), null).RawAsync(Path, Of(key.Plaintext.Expose()).ToJsonString());

        PostedMail[] mails = [await post.NextAsync(), await post.NextAsync(), await post.NextAsync()];
        mails.Select(m => m.To).ShouldBe(["dora@acme.example", "alice@acme.example", "andy@acme.example"], ignoreOrder: true);
        mails.ShouldAllBe(m => m.Text.Contains("Found", StringComparison.Ordinal) && !m.Text.Contains(key.Plaintext.Expose(), StringComparison.Ordinal));
    }
}
