using KeyPortal.Keys.Policies;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KeyPortal.Tests.Keys.Policies;

public sealed class PolicyRulesTests : IClassFixture<SharedPortal>
{
    private static readonly PolicyInput Usual = PolicyInput.Of(new OrganizationPolicy());

    private readonly PolicyEditing _policies;
    private readonly Cast _cast;

    public PolicyRulesTests(SharedPortal shared) => (_policies, _cast) = (shared.Portal.Get<PolicyEditing>(), shared.Cast);

    private Task<Outcome<OrganizationPolicy>> EditAsync(PolicyInput wanted) => _policies.EditAsync(_cast.Alice, _ => wanted);

    public static readonly TheoryData<string, Func<PolicyInput, PolicyInput>, Func<PolicyInput, PolicyInput>> Bounds = new()
    {
        { "/max_lifetime_seconds", p => p with { MaxLifetimeSeconds = 3_155_760_000 }, p => p with { MaxLifetimeSeconds = 3_155_760_001 } },
        { "/keys_per_member", p => p with { KeysPerMember = 1 }, p => p with { KeysPerMember = 0 } },
        { "/keys_per_member", p => p with { KeysPerMember = 1_000_000 }, p => p with { KeysPerMember = 1_000_001 } },
        { "/default_grace_period_seconds", p => p with { DefaultGracePeriodSeconds = 0 }, p => p with { DefaultGracePeriodSeconds = -1 } },
        { "/default_grace_period_seconds", p => p with { DefaultGracePeriodSeconds = 2_592_000 }, p => p with { DefaultGracePeriodSeconds = 2_592_001 } },
        { "/rotation_age_seconds", p => p with { RotationAgeSeconds = 1 }, p => p with { RotationAgeSeconds = 0 } },
        { "/rotation_age_seconds", p => p with { RotationAgeSeconds = null }, p => p with { RotationAgeSeconds = long.MaxValue } },
        { "/default_expires_in", p => p with { DefaultExpiresIn = "1y" }, p => p with { DefaultExpiresIn = "2y" } },
        { "/default_expires_in", p => p with { DefaultExpiresIn = "never" }, p => p with { DefaultExpiresIn = "never", NeverExpiresAllowed = false } },
        { "/default_expires_in", p => p with { MaxLifetimeSeconds = 7_776_000 }, p => p with { MaxLifetimeSeconds = 7_775_999 } },
        { "/default_expires_in", p => p with { DefaultExpiresIn = "1y", MaxLifetimeSeconds = 366 * 86_400 }, p => p with { DefaultExpiresIn = "1y", MaxLifetimeSeconds = 366 * 86_400 - 1 } },
        { "/default_expires_in", p => p with { DefaultExpiresIn = "30d", MaxLifetimeSeconds = 2_592_000 }, p => p with { DefaultExpiresIn = "never", MaxLifetimeSeconds = 2_592_000 } },
        { "/approval_scopes/1", p => p with { ApprovalScopes = ["triggers:read", "triggers:*"] }, p => p with { ApprovalScopes = ["triggers:read", "invoices:*"] } },
        { "/approval_scopes/0", p => p with { ApprovalScopes = ["api-keys:manage"] }, p => p with { ApprovalScopes = ["no scope"] } },
        { "/approval_scopes", p => p with { ApprovalScopes = [.. Enumerable.Repeat("triggers:read", 100)] }, p => p with { ApprovalScopes = [.. Enumerable.Repeat("triggers:read", 101)] } },
    };

    [Theory]
    [MemberData(nameof(Bounds))]
    public async Task A_rule_is_kept_at_its_edge_and_names_its_field_one_beyond(string pointer, Func<PolicyInput, PolicyInput> good, Func<PolicyInput, PolicyInput> bad)
    {
        var kept = good(Usual);
        (await EditAsync(kept)).Refusal.ShouldBeNull();

        (await EditAsync(bad(Usual))).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe(pointer);

        var stored = PolicyInput.Of((await _policies.ReadAsync(_cast.Alice)).Value);
        stored.ApprovalScopes.ShouldBe(kept.ApprovalScopes.Distinct());
        (stored with { ApprovalScopes = kept.ApprovalScopes }).ShouldBe(kept);
    }

    [Fact]
    public void An_instance_whose_settings_name_no_scope_does_not_start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("KeyPortal:Policy:ApprovalScopes:0", "triggers:write"), new("KeyPortal:Policy:ApprovalScopes:1", "everything")]);
        builder.AddOrganizations();
        using var host = builder.Build();

        Should.Throw<OptionsValidationException>(() => host.Services.GetRequiredService<IStartupValidator>().Validate()).Message.ShouldContain("KeyPortal:Policy:ApprovalScopes");
    }
}
