using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Keys;
using KeyPortal.Keys.Policies;
using KeyPortal.Primitives;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;

namespace KeyPortal.Tests.Validation;

/// <summary>
/// The clock driven across every edge of a key's life, a second and a millisecond before and after. What validation says (remembered, read anew, and over
/// HTTP), what the record says and which list finds the key must turn at the same instant.
/// </summary>
public sealed class ClockEdgeTests : IAsyncLifetime
{
    private static readonly TimeSpan[] Before = [TimeSpan.FromSeconds(-1), TimeSpan.FromMilliseconds(-1), TimeSpan.FromTicks(-1)];
    private static readonly TimeSpan[] After = [TimeSpan.Zero, TimeSpan.FromTicks(1), TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1)];

    private readonly Portal _portal = new(("KeyPortal:Policy:KeysPerMember", "1000"), ("KeyPortal:Policy:DefaultGracePeriodSeconds", "3600"));
    private Cast _cast = null!;
    private Client _client = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _client = await Client.OfAsync(_portal, _cast.Alice);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private DateTimeOffset Now => _portal.Clock.Now;

    private async Task AcrossAsync(DateTimeOffset edge, Func<Task> before, Func<Task> after)
    {
        foreach (var (offsets, look) in new[] { (Before, before), (After, after) })
        {
            foreach (var offset in offsets)
            {
                _portal.Clock.Set(edge + offset);
                await look();
            }
        }
    }

    private async Task SaysAsync(IssuedKey key, string code, string? status = null, string? warning = null)
    {
        foreach (var fresh in (bool[])[false, true])
        {
            var result = await _portal.Get<KeyValidator>().ValidateAsync(_cast.AcmeId, new ValidationRequest { Key = key.Plaintext.Expose(), Fresh = fresh });
            SnakeCase.Of(result.Code).ShouldBe(code, $"{Now:O}, fresh {fresh}");
            result.Warnings.Select(w => SnakeCase.Of(w.Code)).ShouldBe(warning is null ? [] : [warning], $"{Now:O}");
        }

        (await _client.ValidateAsync(key.Plaintext.Expose())).Is(HttpStatusCode.OK).Code.ShouldBe(code, $"{Now:O}");
        var introspected = await _client.RawAsync("/api/v1/introspect", "token=" + key.Plaintext.Expose(), "application/x-www-form-urlencoded");
        introspected["active"].GetValue<bool>().ShouldBe(code == "valid", $"{Now:O}");
        (await _client.With(key.Plaintext.Expose()).GetAsync("/api/v1/auth/key")).Is(code == "valid" ? HttpStatusCode.OK : HttpStatusCode.Unauthorized);
        if (status is null)
        {
            return;
        }

        (await _client.GetAsync($"{Client.Keys}/{key.Key.Id}")).Text("status").ShouldBe(status, $"{Now:O}");
        foreach (var asked in SnakeCase.AllOf<KeyStatus>())
        {
            var found = (await _client.GetAsync($"{Client.Keys}?status={asked}&limit=200"))["data"].AsArray();
            found.Any(k => k!["id"]!.GetValue<string>() == key.Key.Id).ShouldBe(asked == status, $"{Now:O}: the list of {asked}");
            found.ShouldAllBe(k => k!["status"]!.GetValue<string>() == asked);
        }
    }

    [Fact]
    public async Task A_key_begins_at_not_before()
    {
        var begin = Now.AddHours(1).AddMilliseconds(123);
        var key = await _portal.KeyAsync(_cast.Alice, with: i => i with { NotBefore = begin });

        await AcrossAsync(begin, () => SaysAsync(key, "not_yet_valid", "active"), () => SaysAsync(key, "valid", "active"));
    }

    [Fact]
    public async Task A_key_ends_at_expires_at_and_room_for_another_is_made_then()
    {
        var end = Now.AddHours(1).AddMilliseconds(456);
        var key = await _portal.KeyAsync(_cast.Alice, with: i => i with { Expiry = ExpiryInput.On(end) });
        await _portal.PolicyAsync(_cast.Alice, p => p with { KeysPerMember = 2 });
        async Task<string?> OneMore() => (await _client.CreateAsync(new JsonObject { ["name"] = "One more" })) is { Status: HttpStatusCode.Created } made ? await GoneAsync(made) : "key_limit_reached";
        async Task<string?> GoneAsync(Answer made)
        {
            await _client.DeleteAsync($"{Client.Keys}/{made.Text("id")}");
            return null;
        }

        await AcrossAsync(end,
            async () =>
            {
                await SaysAsync(key, "valid", "active");
                (await OneMore()).ShouldBe("key_limit_reached", $"{Now:O}");
            },
            async () =>
            {
                await SaysAsync(key, "expired", "expired");
                (await OneMore()).ShouldBeNull($"{Now:O}");
            });
    }

    [Theory]
    [InlineData(null)]
    [InlineData(60)]
    public async Task The_old_secret_ends_when_its_grace_is_over_the_policys_or_the_named(int? grace)
    {
        var old = await _portal.KeyAsync(_cast.Alice);
        var rotated = (await _portal.Get<KeyRotation>().RotateAsync(_cast.Alice, old.Key.Id, new RotationInput(grace is { } seconds ? TimeSpan.FromSeconds(seconds) : null))).Value;
        var end = rotated.Key.PreviousValidUntil.ShouldNotBeNull();
        end.ShouldBe(Now.AddSeconds(grace ?? 3600));

        await AcrossAsync(end,
            async () =>
            {
                await SaysAsync(old, "valid", warning: "superseded");
                await SaysAsync(rotated, "valid", "active");
            },
            async () =>
            {
                await SaysAsync(old, "expired");
                await SaysAsync(rotated, "valid", "active");
            });
    }

    [Fact]
    public async Task Another_rotation_is_refused_as_long_as_the_old_secret_lives_and_possible_from_its_end_on()
    {
        var old = await _portal.KeyAsync(_cast.Alice);
        var rotated = (await _portal.Get<KeyRotation>().RotateAsync(_cast.Alice, old.Key.Id, new RotationInput(TimeSpan.FromMinutes(1)))).Value;
        var end = rotated.Key.PreviousValidUntil!.Value;
        await SaysAsync(rotated, "valid");

        foreach (var offset in Before)
        {
            _portal.Clock.Set(end + offset);
            (await _client.PostAsync($"{Client.Keys}/{old.Key.Id}/rotate")).IsProblem(409, "rotation_under_way");
        }

        _portal.Clock.Set(end);
        (await _client.PostAsync($"{Client.Keys}/{old.Key.Id}/rotate")).Is(HttpStatusCode.OK);
        await SaysAsync(rotated, "valid", warning: "superseded");
    }

    [Fact]
    public async Task A_retiring_key_is_revoked_at_its_announced_end()
    {
        var key = await _portal.KeyAsync(_cast.Alice);
        var end = (await _portal.Get<KeyRevocation>().RetireAsync(_cast.Alice, key.Key.Id, RevocationReason.Superseded, TimeSpan.FromSeconds(90))).Value.RetiresAt.ShouldNotBeNull();

        await AcrossAsync(end, () => SaysAsync(key, "valid", "retiring", "retiring"), () => SaysAsync(key, "revoked", "revoked"));
    }

    [Fact]
    public async Task Of_an_expiry_and_an_announced_end_the_earlier_counts_and_then_the_revocation()
    {
        var key = await _portal.KeyAsync(_cast.Alice, with: i => i with { Expiry = ExpiryInput.On(TestClock.Start.AddSeconds(30)) });
        await _portal.Get<KeyRevocation>().RetireAsync(_cast.Alice, key.Key.Id, RevocationReason.Superseded, TimeSpan.FromSeconds(60));

        await AcrossAsync(TestClock.Start.AddSeconds(30), () => SaysAsync(key, "valid", "retiring", "retiring"), () => SaysAsync(key, "expired", "expired"));
        await AcrossAsync(TestClock.Start.AddSeconds(60), () => SaysAsync(key, "expired", "expired"), () => SaysAsync(key, "revoked", "revoked"));
    }

    [Fact]
    public async Task A_key_that_waits_is_good_from_its_approval_on_within_its_own_times()
    {
        await _portal.ApprovalAsync(_cast.Alice, "triggers:write");
        var key = await _portal.KeyAsync(_cast.Dora, environment: KeyEnvironment.Live, with: i => i with { Scopes = ["triggers:write"], NotBefore = Now.AddSeconds(10), Expiry = ExpiryInput.On(Now.AddSeconds(60)) });
        var late = await _portal.KeyAsync(_cast.Dora, environment: KeyEnvironment.Live, with: i => i with { Scopes = ["triggers:write"], Expiry = ExpiryInput.On(Now.AddSeconds(60)) });
        await SaysAsync(key, "not_yet_valid", "pending");
        (await _portal.Get<KeyApproval>().ApproveAsync(_cast.Andy, key.Key.Id)).Refusal.ShouldBeNull();
        await SaysAsync(key, "not_yet_valid", "active");

        await AcrossAsync(TestClock.Start.AddSeconds(10), () => SaysAsync(key, "not_yet_valid", "active"), () => SaysAsync(key, "valid", "active"));
        await SaysAsync(late, "not_yet_valid", "pending");
        await AcrossAsync(TestClock.Start.AddSeconds(60), () => SaysAsync(late, "not_yet_valid", "pending"), () => SaysAsync(late, "expired", "expired"));
    }

    [Fact]
    public async Task A_secret_is_due_for_rotation_at_its_age_on_the_key_and_on_the_list()
    {
        var key = await _portal.KeyAsync(_cast.Alice, with: i => i with { RotationAgeSeconds = RotationAge.LeastSeconds });
        var due = key.Key.RotationDueAt.ShouldNotBeNull();
        due.ShouldBe(Now.AddDays(1));

        async Task<bool> IsListed() => (await _portal.Get<RotationQueries>().DueByAsync(_cast.Alice, _portal.Get<TimeProvider>().Now(), 10)).Value.Any(k => k.Id == key.Key.Id);
        await AcrossAsync(due,
            async () => (await IsListed()).ShouldBeFalse($"{Now:O}"),
            async () => (await IsListed()).ShouldBeTrue($"{Now:O}"));
        await SaysAsync(key, "valid", "active");
    }

    [Theory]
    [InlineData("2026-11-21T10:00:00.0009999Z", "2026-11-21T10:00:00Z")]
    [InlineData("2026-11-21T10:00:00.1239999+00:00", "2026-11-21T10:00:00.123Z")]
    [InlineData("2026-11-21T11:30:00.5+01:30", "2026-11-21T10:00:00.5Z")]
    public async Task An_end_is_kept_to_the_millisecond_and_ends_when_the_answer_said(string sent, string kept)
    {
        var created = (await _client.CreateAsync(new JsonObject { ["name"] = "x", ["expires_at"] = sent })).Is(HttpStatusCode.Created);
        created.Text("expires_at").ShouldBe(kept);
        (await _client.GetAsync($"{Client.Keys}/{created.Text("id")}")).Text("expires_at").ShouldBe(kept);

        var end = DateTimeOffset.Parse(kept, System.Globalization.CultureInfo.InvariantCulture);
        _portal.Clock.Set(end.AddMilliseconds(-1));
        (await _client.ValidateAsync(created.Text("key"))).Code.ShouldBe("valid");
        _portal.Clock.Set(end);
        (await _client.ValidateAsync(created.Text("key"))).Code.ShouldBe("expired");
    }

    [Fact]
    public async Task An_end_must_lie_ahead_by_a_millisecond_at_least()
    {
        foreach (var (offset, status) in new[] { (-1, HttpStatusCode.UnprocessableEntity), (0, HttpStatusCode.UnprocessableEntity), (1, HttpStatusCode.Created) })
        {
            var at = Now.AddMilliseconds(offset).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
            (await _client.CreateAsync(new JsonObject { ["name"] = "x", ["expires_at"] = at })).Is(status);
        }
    }
}
