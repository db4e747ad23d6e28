using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Setup;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Keys.Policies;

/// <summary>A policy that wants live keys to name where they are used from.</summary>
public sealed class NetworksRequiredTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private Task<Outcome<IssuedKey>> CreateAsync(KeyType type, KeyEnvironment environment, string[]? networks = null, string[]? origins = null) =>
        _portal.Get<KeyIssuance>().CreateAsync(_cast.Dora, new KeyInput { Name = "A key", AllowedIps = networks ?? [], AllowedOrigins = origins ?? [] }, type, environment);

    private Task<Outcome<KeyView>> EditAsync(IssuedKey key, Func<KeyInput, KeyInput> change) => _portal.Get<KeyEditing>().EditAsync(_cast.Dora, key.Key.Id, change);

    private Task RequireAsync() => _portal.PolicyAsync(_cast.Alice, p => p with { NetworksRequiredForLive = true });

    [Fact]
    public async Task A_new_live_key_names_its_networks_and_a_publishable_one_its_origins()
    {
        await RequireAsync();

        (await CreateAsync(KeyType.Secret, KeyEnvironment.Live)).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/allowed_ips");
        (await CreateAsync(KeyType.Secret, KeyEnvironment.Live, ["10.0.0.0/8"])).Refusal.ShouldBeNull();
        (await CreateAsync(KeyType.Publishable, KeyEnvironment.Live, ["10.0.0.0/8"])).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/allowed_origins");
        (await CreateAsync(KeyType.Publishable, KeyEnvironment.Live, origins: ["https://app.example"])).Refusal.ShouldBeNull();
        (await CreateAsync(KeyType.Secret, KeyEnvironment.Test)).Refusal.ShouldBeNull();
        (await CreateAsync(KeyType.Secret, KeyEnvironment.Live, ["nowhere"])).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/allowed_ips/0");
    }

    [Fact]
    public async Task A_key_that_names_networks_goes_on_doing_so_and_one_that_never_did_may_stay_without()
    {
        var open = (await CreateAsync(KeyType.Secret, KeyEnvironment.Live)).Value;
        var bound = (await CreateAsync(KeyType.Secret, KeyEnvironment.Live, ["10.0.0.0/8"])).Value;
        var site = (await CreateAsync(KeyType.Publishable, KeyEnvironment.Live, origins: ["https://app.example"])).Value;
        await RequireAsync();

        (await EditAsync(open, i => i with { Name = "Renamed", Tags = ["old"] })).Value.AllowedIps.ShouldBeEmpty();
        (await EditAsync(bound, i => i with { AllowedIps = [] })).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/allowed_ips");
        (await EditAsync(bound, i => i with { AllowedIps = ["192.0.2.7"] })).Value.AllowedIps.ShouldBe(["192.0.2.7"]);
        (await EditAsync(site, i => i with { AllowedOrigins = [] })).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/allowed_origins");
    }

    [Theory]
    [InlineData("0.0.0.0/0")]
    [InlineData("128.0.0.0/1")]
    [InlineData("10.0.0.0/7")]
    [InlineData("::/0")]
    [InlineData("2000::/3")]
    public async Task Nearly_everywhere_is_no_network_to_name(string network)
    {
        var old = (await CreateAsync(KeyType.Secret, KeyEnvironment.Live, [network])).Value;
        await RequireAsync();

        (await CreateAsync(KeyType.Secret, KeyEnvironment.Live, ["192.0.2.7", network])).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/allowed_ips/1");
        (await CreateAsync(KeyType.Secret, KeyEnvironment.Test, [network])).Refusal.ShouldBeNull();
        (await EditAsync(old, i => i with { Name = "Renamed" })).Value.AllowedIps.ShouldBe([network], "what it had before the policy it keeps");
    }

    [Theory]
    [InlineData("https://*.com")]
    [InlineData("https://*.com:8443")]
    [InlineData("http://*.com.")]
    public async Task All_of_a_top_level_domain_is_no_origin_to_name(string origin)
    {
        var old = (await CreateAsync(KeyType.Publishable, KeyEnvironment.Live, origins: [origin])).Value;
        await RequireAsync();

        (await CreateAsync(KeyType.Publishable, KeyEnvironment.Live, origins: ["https://*.example.com", origin])).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/allowed_origins/1");
        (await CreateAsync(KeyType.Publishable, KeyEnvironment.Live, origins: ["https://*.example.com", "http://localhost"])).Refusal.ShouldBeNull();
        (await CreateAsync(KeyType.Publishable, KeyEnvironment.Test, origins: [origin])).Refusal.ShouldBeNull();
        (await EditAsync(old, i => i with { Name = "Renamed" })).Refusal.ShouldBeNull("what it had before the policy it keeps");
        (await EditAsync(old, i => i with { AllowedOrigins = ["https://*.net"] })).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/allowed_origins/0");
    }

    [Fact]
    public async Task The_networks_of_a_publishable_key_are_not_asked_for()
    {
        await RequireAsync();

        (await CreateAsync(KeyType.Publishable, KeyEnvironment.Live, ["0.0.0.0/0"], ["https://app.example"])).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task An_expired_key_comes_back_only_with_its_networks()
    {
        var open = (await CreateAsync(KeyType.Secret, KeyEnvironment.Live)).Value;
        var bound = (await CreateAsync(KeyType.Secret, KeyEnvironment.Live, ["10.0.0.0/8"])).Value;
        await RequireAsync();
        _portal.Clock.Advance(TimeSpan.FromDays(91));

        (await _portal.Get<KeyRotation>().RotateAsync(_cast.Dora, open.Key.Id, new RotationInput())).Refusal.ShouldNotBeNull().Code.ShouldBe("renewal_not_allowed");
        (await EditAsync(open, i => i with { Expiry = ExpiryInput.In(ExpiryChoice.Days30) })).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/allowed_ips");
        (await EditAsync(open, i => i with { Name = "Still expired" })).Refusal.ShouldBeNull();
        (await _portal.Get<KeyRotation>().RotateAsync(_cast.Dora, bound.Key.Id, new RotationInput())).Value.Key.Status.ShouldBe(KeyStatus.Active);
    }

    [Fact]
    public async Task Bootstrap_prints_a_key_that_works_whatever_new_organizations_demand()
    {
        await using var portal = new Portal(("KeyPortal:Policy:NetworksRequiredForLive", "true"), ("KeyPortal:Policy:ApprovalScopes:0", "api-keys:manage"));

        var bootstrapped = (await portal.Get<Bootstrap>().RunAsync(new FirstOwner("Acme", "Alice", "alice@acme.example", Cast.Password))).Value;

        var key = (await portal.Get<KeyCache>().FindAsync(bootstrapped.ManagementKey, fresh: true, default)).ShouldNotBeNull();
        (key.IsPending, key.Networks.Count).ShouldBe((false, 0));
        var policy = await portal.Get<Membership>().PolicyAsync(bootstrapped.OrganizationId);
        (policy.NetworksRequiredForLive, policy.ApprovalScopes.Count).ShouldBe((true, 1));
    }
}
