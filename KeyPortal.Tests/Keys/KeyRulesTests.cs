using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Organizations;
using KeyPortal.Primitives;

namespace KeyPortal.Tests.Keys;

public sealed class KeyRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);

    public static readonly TheoryData<string, Func<int, KeyInput>, int, string> Limits = new()
    {
        { "name", n => Input() with { Name = Text(n) }, 120, "/name" },
        { "description", n => Input() with { Description = Text(n) }, 2000, "/description" },
        { "networks", n => Input() with { AllowedIps = List(n, i => $"10.0.0.{i}") }, 100, "/allowed_ips" },
        { "resources", n => Input() with { Resources = List(n, i => $"r{i}") }, 100, "/resources" },
        { "resource length", n => Input() with { Resources = ["a", Text(n)] }, 500, "/resources/1" },
        { "tags", n => Input() with { Tags = List(n, i => $"t{i}") }, 20, "/tags" },
        { "tag length", n => Input() with { Tags = ["a", Text(n)] }, 50, "/tags/1" },
        { "metadata", n => Input() with { Metadata = List(n, i => $"m{i}").ToDictionary(m => m, _ => "") }, 50, "/metadata" },
        { "metadata name", n => Input() with { Metadata = new Dictionary<string, string> { [new string('m', n)] = "x" } }, 64, "/metadata/" + new string('m', 65) },
        { "metadata value", n => Input() with { Metadata = new Dictionary<string, string> { ["a/b~c"] = Text(n) } }, 500, "/metadata/a~1b~0c" },
        { "scopes", n => Input() with { Scopes = List(n, _ => "triggers:read") }, 50, "/scopes" },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public void A_limit_is_kept_at_its_edge_and_broken_one_beyond(string what, Func<int, KeyInput> of, int limit, string pointer)
    {
        Apply(of(limit)).ShouldBeNull(what);
        Apply(of(limit + 1))!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe(pointer);
    }

    [Theory]
    [InlineData(86_400, true)]
    [InlineData(86_399, false)]
    [InlineData(315_360_000, true)]
    [InlineData(315_360_001, false)]
    [InlineData(0, false)]
    [InlineData(-86_400, false)]
    public void A_rotation_age_lies_between_a_day_and_ten_years(long seconds, bool isAllowed)
    {
        var refusal = Apply(Input() with { RotationAgeSeconds = seconds });

        (refusal is null).ShouldBe(isAllowed);
        refusal?.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/rotation_age_seconds");
    }

    [Fact]
    public void Origins_belong_to_publishable_keys_and_a_hundred_are_the_most()
    {
        Apply(Input() with { AllowedOrigins = ["https://a.example"] })!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/allowed_origins");
        Apply(Input() with { AllowedOrigins = List(100, i => $"https://a{i}.example") }, KeyType.Publishable).ShouldBeNull();
        Apply(Input() with { AllowedOrigins = List(101, i => $"https://a{i}.example") }, KeyType.Publishable)!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/allowed_origins");
        Apply(Input() with { AllowedOrigins = ["https://a.example", "https://b.example/x"] }, KeyType.Publishable)!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/allowed_origins/1");
    }

    [Fact]
    public void Every_broken_rule_is_named_at_once()
    {
        var key = Key(KeyType.Publishable);
        var refused = Apply(new KeyInput
        {
            Name = "",
            Description = "a\0",
            Scopes = ["nonsense", "unknown:read", "triggers:write", "triggers:*", "triggers:read", "api-keys:manage"],
            AllowedIps = ["10.0.0.0/8", "10.0.0.1/8"],
            AllowedOrigins = ["ftp://x"],
            Resources = ["ok", " "],
            Tags = [""],
            Metadata = new Dictionary<string, string> { ["a"] = null! },
            NotBefore = Now.AddDays(3),
            Expiry = ExpiryInput.On(Now),
        }, key)!;

        refused.Code.ShouldBe("validation_failed");
        refused.Errors.Select(e => e.Pointer).ShouldBe(
        [
            "/name", "/description", "/scopes/0", "/scopes/1", "/scopes/2", "/scopes/3", "/scopes/5", "/allowed_ips/1", "/allowed_origins/0",
            "/resources/1", "/tags/0", "/metadata/a", "/not_before", "/expires_at",
        ]);
        refused.Errors.ShouldAllBe(e => e.Detail.EndsWith('.'));
        key.Name.ShouldBe("", "a refused input leaves the key alone");
        key.AllowedIps.ShouldBeEmpty();
    }

    [Fact]
    public void What_is_kept_is_in_its_one_spelling_and_without_repeats()
    {
        var key = Key(KeyType.Publishable);
        Apply(new KeyInput
        {
            Name = " Kept as typed ",
            Description = "",
            Scopes = ["triggers:read", "triggers:read"],
            AllowedIps = ["10.0.0.1/32", "10.0.0.1", "2001:DB8::/32"],
            AllowedOrigins = ["https://A.example:443", "https://a.example"],
            Resources = ["r", "r"],
            Tags = ["t", "T", "t"],
        }, key).ShouldBeNull();
        (key.Name, key.Description).ShouldBe((" Kept as typed ", null));
        key.Scopes.ShouldBe(["triggers:read"]);
        key.AllowedIps.ShouldBe(["10.0.0.1", "2001:db8::/32"]);
        key.AllowedOrigins.ShouldBe(["https://a.example"]);
        key.Resources.ShouldBe(["r"]);
        key.Tags.ShouldBe(["t", "T"]);
    }

    [Fact]
    public void An_expiry_lies_ahead_if_only_by_a_millisecond()
    {
        Apply(Input() with { Expiry = ExpiryInput.On(Now.AddMilliseconds(1)) }).ShouldBeNull();
        Apply(Input() with { Expiry = ExpiryInput.On(Now) })!.Errors[0].Pointer.ShouldBe("/expires_at");
        Apply(Input() with { Expiry = ExpiryInput.On(DateTimeOffset.MinValue) })!.Errors[0].Pointer.ShouldBe("/expires_at");
        Apply(Input() with { Expiry = ExpiryInput.On(DateTimeOffset.MaxValue) }).ShouldBeNull();
    }

    [Theory]
    [InlineData(null, "2027-02-19")]
    [InlineData(ExpiryChoice.Days30, "2026-12-21")]
    [InlineData(ExpiryChoice.Days90, "2027-02-19")]
    [InlineData(ExpiryChoice.Year1, "2027-11-21")]
    public void The_usual_spans_count_from_now_and_no_choice_means_the_policys(ExpiryChoice? choice, string day)
    {
        var key = Key();
        Apply(Input() with { Expiry = choice is { } c ? ExpiryInput.In(c) : ExpiryInput.PolicyDefault }, key).ShouldBeNull();
        key.ExpiresAt!.Value.ToString("yyyy-MM-dd").ShouldBe(day);
        key.ExpiresAt.Value.TimeOfDay.ShouldBe(Now.TimeOfDay);
    }

    [Fact]
    public void The_policy_bounds_how_long_a_key_lives()
    {
        var policy = new OrganizationPolicy { MaxLifetimeSeconds = 3600 };
        Apply(Input() with { Expiry = ExpiryInput.On(Now.AddSeconds(3600)) }, Key(), policy).ShouldBeNull();
        Apply(Input() with { Expiry = ExpiryInput.On(Now.AddSeconds(3600).AddMilliseconds(1)) }, Key(), policy)!.Errors[0].Pointer.ShouldBe("/expires_at");
        Apply(Input() with { Expiry = ExpiryInput.In(ExpiryChoice.Never) }, Key(), policy)!.Errors[0].Pointer.ShouldBe("/expires_in");
        Apply(Input(), Key(), policy)!.Errors[0].Pointer.ShouldBe("/expires_in");
        Apply(Input() with { Expiry = ExpiryInput.In(ExpiryChoice.Never) }, Key(), new OrganizationPolicy { NeverExpiresAllowed = false })!.Errors[0].Pointer.ShouldBe("/expires_in");
    }

    [Fact]
    public void An_expired_key_may_still_be_renamed()
    {
        var key = Key(ends: Now.AddDays(-1));
        key.Revision = 1;
        Apply(KeyInput.Of(key) with { Name = "Renamed" }, key).ShouldBeNull();
        key.Name.ShouldBe("Renamed");
    }

    [Fact]
    public void A_key_begins_before_it_ends()
    {
        Apply(Input() with { NotBefore = Now.AddHours(1), Expiry = ExpiryInput.On(Now.AddHours(1)) })!.Errors[0].Pointer.ShouldBe("/not_before");
        Apply(Input() with { NotBefore = Now.AddHours(1).AddMilliseconds(-1), Expiry = ExpiryInput.On(Now.AddHours(1)) }).ShouldBeNull();
    }

    [Theory]
    [InlineData("triggers:read", true)]
    [InlineData("triggers:*", false)]
    [InlineData("triggers:write", false)]
    [InlineData("api-keys:validate", false)]
    [InlineData("usage:read", false)]
    public void A_publishable_key_holds_publishable_scopes_only(string scope, bool allowed) =>
        (Apply(Input() with { Scopes = [scope] }, KeyType.Publishable) is null).ShouldBe(allowed);

    private static KeyInput Input() => new() { Name = "A key" };

    private static string Text(int length) => string.Concat(Enumerable.Repeat("🔑", length));

    private static string[] List(int count, Func<int, string> of) => [.. Enumerable.Range(0, count).Select(of)];

    private static ApiKey Key(KeyType type = KeyType.Secret, DateTimeOffset? ends = null) => new()
    {
        Id = "key_1", OrganizationId = "org_1", OwnerId = "usr_1", Type = type, Environment = KeyEnvironment.Test, Start = "sk_test_012345", SecretVersion = 1,
        CreatedAt = Now, CreatedBy = "usr_1", ExpiresAt = ends,
    };

    private static Refusal? Apply(KeyInput input, KeyType type = KeyType.Secret) => Apply(input, Key(type));

    private static Refusal? Apply(KeyInput input, ApiKey key, OrganizationPolicy? policy = null) =>
        new KeyRules(policy ?? new OrganizationPolicy(), CatalogueScope.ForNew("org_1"), TierList.Initial, Now).Apply(input, key);
}
