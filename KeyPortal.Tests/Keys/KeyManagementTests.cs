using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Keys;
using KeyPortal.Keys.Policies;
using KeyPortal.Limits;
using KeyPortal.Primitives;
using KeyPortal.Setup;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Keys;

/// <summary>The switch <c>enable-api-key-management</c>: off, nothing adds to what keys may do, and everything that takes away still works.</summary>
public sealed class KeyManagementTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;
    private IssuedKey _key = null!;
    private Client _api = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _key = await _portal.KeyAsync(_cast.Alice, "Before");
        _api = new Client(_portal.CreateClient(), await _portal.ManagementKeyAsync(_cast.Alice));
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task It_is_on_when_no_setting_says_otherwise()
    {
        (await _portal.Get<KeyManagement>().IsOnAsync()).ShouldBeTrue();
        (await CreateAsync()).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Off_nothing_adds_to_what_keys_may_do()
    {
        await _portal.Get<KeySuspension>().DisableAsync(_cast.Alice, _key.Key.Id);
        _portal.TurnKeyManagement("false");
        var entries = await _portal.CountEntriesAsync();

        (await _portal.Get<KeyIssuance>().CreateAsync(_cast.Alice, new KeyInput { Name = "New" }, KeyType.Secret, KeyEnvironment.Test)).Refusal.ShouldBe(KeyManagement.Off);
        (await _portal.Get<KeyEditing>().EditAsync(_cast.Alice, _key.Key.Id, i => i with { Name = "Other" })).Refusal.ShouldBe(KeyManagement.Off);
        (await _portal.Get<KeySuspension>().EnableAsync(_cast.Alice, _key.Key.Id)).Refusal.ShouldBe(KeyManagement.Off);

        var now = (await _portal.Get<KeyQueries>().FindAsync(_cast.Alice, _key.Key.Id)).Value;
        (now.Name, now.Status).ShouldBe(("Before", KeyStatus.Disabled));
        (await _portal.CountEntriesAsync()).ShouldBe(entries, "nothing happened, and it is no question of rights");
    }

    [Fact]
    public async Task Off_a_retirement_can_be_brought_forward_and_not_put_off()
    {
        var revocation = _portal.Get<KeyRevocation>();
        await revocation.RetireAsync(_cast.Alice, _key.Key.Id, RevocationReason.Superseded, TimeSpan.FromDays(7));
        _portal.TurnKeyManagement("false");

        (await revocation.RetireAsync(_cast.Alice, _key.Key.Id, RevocationReason.Superseded, TimeSpan.FromDays(8))).Refusal.ShouldBe(KeyManagement.Off);
        (await revocation.RetireAsync(_cast.Alice, _key.Key.Id, RevocationReason.Superseded, TimeSpan.FromDays(6))).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Off_no_tier_becomes_wider_and_any_may_become_tighter()
    {
        var tiers = _portal.Get<TierEditing>();
        Task<Outcome<TierList>> EditAsync(Func<TierListInput, TierListInput> change) => tiers.EditAsync(_cast.Alice, change);
        Task<Outcome<TierList>> FreeAsync(Func<TierInput, TierInput> change) => EditAsync(list => list with { Tiers = [.. list.Tiers.Select(t => t!.Name == "free" ? change(t) : t)] });
        Func<TierInput, TierInput> Burst(Func<RateLimitInput, RateLimitInput> change) => t => t with { RateLimits = [.. t.RateLimits!.Select(change)] };
        (await EditAsync(list => list with { DefaultTier = "free" })).Refusal.ShouldBeNull();
        _portal.TurnKeyManagement("false");
        var entries = await _portal.CountEntriesAsync();

        Func<TierInput, TierInput>[] wider = [Burst(l => l with { Limit = 61 }), Burst(l => l with { WindowSeconds = 59 }), Burst(l => l with { Algorithm = "fixed_window" }), t => t with { RateLimits = [] }, t => t with { Quotas = [] }, t => t with { Quotas = [new("day", 10_000, "soft")] }];
        foreach (var change in wider)
        {
            (await FreeAsync(change)).Refusal.ShouldBe(KeyManagement.Off);
        }

        (await EditAsync(list => list with { DefaultTier = null })).Refusal.ShouldBe(KeyManagement.Off);
        (await EditAsync(list => list with { DefaultTier = "unlimited" })).Refusal.ShouldBe(KeyManagement.Off);
        (await _portal.CountEntriesAsync()).ShouldBe(entries, "nothing happened, and it is no question of rights");

        (await FreeAsync(Burst(l => l with { Limit = 59, WarnAtPercent = 50 }))).Refusal.ShouldBeNull();
        (await FreeAsync(t => t with { Description = "Less", RateLimits = [.. t.RateLimits!, new("slow", "sliding_window", 1, 60)] })).Refusal.ShouldBeNull();
        (await EditAsync(list => list with { Tiers = [.. list.Tiers.Where(t => t!.Name != "standard"), new TierInput("gold", "", [], [])] })).Refusal.ShouldBeNull();
        (await EditAsync(list => list)).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Off_policy_and_catalogue_change_for_each_key_they_would_give_more_is_asked_for_itself()
    {
        _portal.TurnKeyManagement("false");

        (await _portal.Get<PolicyEditing>().EditAsync(_cast.Alice, p => p with { KeysPerMember = 50, DefaultExpiresIn = "never" })).Refusal.ShouldBeNull();
        (await _portal.Get<CatalogueEditing>().EditAsync(_cast.Alice, list => [.. list, new ScopeInput("invoices:read", "", false, true)])).Refusal.ShouldBeNull();

        (await _portal.Get<KeyEditing>().EditAsync(_cast.Alice, _key.Key.Id, i => i with { Scopes = ["invoices:read"] })).Refusal.ShouldBe(KeyManagement.Off);
    }

    [Fact]
    public async Task Off_the_API_says_so_with_403()
    {
        _portal.TurnKeyManagement("false");
        var path = $"{Client.Keys}/{_key.Key.Id}";
        foreach (var answer in (Answer[])
        [
            await CreateAsync(),
            await _api.SendAsync(HttpMethod.Put, path, new JsonObject { ["name"] = "Other" }),
            await _api.SendAsync(HttpMethod.Patch, path, new JsonObject { ["name"] = "Other" }),
            await _api.PostAsync(path + "/enable"),
            await _api.SendAsync(HttpMethod.Post, "/api_keys", new JsonObject { ["name"] = "By the other name" }),
        ])
        {
            answer.IsProblem(403, "key_management_disabled").Text("detail").ShouldContain("go on being validated");
        }
    }

    [Fact]
    public async Task Off_keys_are_validated_read_disabled_and_revoked_as_before()
    {
        _portal.TurnKeyManagement("false");
        var path = $"{Client.Keys}/{_key.Key.Id}";
        (await ValidateAsync()).ShouldBe("valid");
        (await _api.GetAsync(path)).Is(HttpStatusCode.OK);
        (await _api.GetAsync(Client.Keys)).Is(HttpStatusCode.OK);
        (await _api.PostAsync(path + "/disable")).Is(HttpStatusCode.OK);
        (await ValidateAsync()).ShouldBe("disabled");
        (await _api.PostAsync(path + "/revoke")).Is(HttpStatusCode.OK);
        (await ValidateAsync()).ShouldBe("revoked");
    }

    [Fact]
    public async Task Who_may_not_anyway_is_told_that_and_not_of_the_switch()
    {
        _portal.TurnKeyManagement("false");
        (await _portal.Get<KeyIssuance>().CreateAsync(_cast.Audrey, new KeyInput { Name = "New" }, KeyType.Secret, KeyEnvironment.Test)).Refusal!.Code.ShouldBe("not_allowed");
        (await _portal.Get<KeyEditing>().EditAsync(_cast.Olaf, _key.Key.Id, i => i)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
    }

    [Fact]
    public async Task It_turns_while_the_program_runs()
    {
        foreach (var (value, status) in (IEnumerable<(string, HttpStatusCode)>)[("false", HttpStatusCode.Forbidden), ("true", HttpStatusCode.Created), ("False", HttpStatusCode.Forbidden)])
        {
            _portal.TurnKeyManagement(value);
            (await CreateAsync()).Is(status);
        }
    }

    [Theory]
    [InlineData("maybe")]
    [InlineData("")]
    [InlineData("0")]
    public async Task A_value_that_is_not_true_is_off(string value)
    {
        _portal.TurnKeyManagement(value);
        (await CreateAsync()).IsProblem(403, "key_management_disabled");
    }

    [Theory]
    [InlineData("false", "true", false)]
    [InlineData("true", "false", true)]
    public async Task The_other_schema_of_feature_flags_counts_before_ours(string microsoft, string plain, bool on)
    {
        await using var portal = new Portal(
            ("feature_management:feature_flags:0:id", KeyManagement.Flag),
            ("feature_management:feature_flags:0:enabled", microsoft),
            ($"FeatureManagement:{KeyManagement.Flag}", plain));
        (await portal.Get<KeyManagement>().IsOnAsync()).ShouldBe(on);
    }

    [Fact]
    public async Task Bootstrap_founds_nothing_that_it_could_give_no_key_to()
    {
        await using var portal = new Portal(($"FeatureManagement:{KeyManagement.Flag}", "false"));
        var refused = await portal.Get<Bootstrap>().RunAsync(new FirstOwner("Acme", "Alice", "alice@acme.example", Cast.Password));
        refused.Refusal.ShouldBe(KeyManagement.Off);
        (await portal.Get<FirstRun>().IsEmptyAsync()).ShouldBeTrue();
    }

    private Task<Answer> CreateAsync() => _api.PostAsync(Client.Keys, new JsonObject { ["name"] = "New" });

    private async Task<string> ValidateAsync() => (await _api.PostAsync($"{Client.Keys}/validate", new JsonObject { ["key"] = _key.Plaintext.Expose() })).Is(HttpStatusCode.OK).Code;
}
