using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;

namespace KeyPortal.Tests.Limits;

/// <summary>Keys that run into limits, by real validations.</summary>
internal static class LimitedCalls
{
    /// <summary>One call an hour, and no more.</summary>
    public static readonly RateLimitInput OneAnHour = LimitsGiven.Window(1, 3_600, name: "hourly");

    public static Task<IssuedKey> LimitedKeyAsync(this Portal portal, Actor owner, string name = "A key", params RateLimitInput[] limits) =>
        portal.KeyAsync(owner, name, with: i => i with { RateLimits = limits });

    /// <summary>Presents the key so many times; tells how many passed.</summary>
    public static async Task<int> CallAsync(this Portal portal, IssuedKey key, int times = 1, string? ip = null)
    {
        var passed = 0;
        for (var i = 0; i < times; i++)
        {
            var request = new ValidationRequest { Key = key.Plaintext.Expose(), Demand = KeyDemand.Nothing with { Ip = ip } };
            passed += (await portal.Get<KeyValidator>().ValidateAsync(key.Key.OrganizationId, request)).IsValid ? 1 : 0;
        }

        return passed;
    }

    /// <summary>The organization's keys that name no tier take this one.</summary>
    public static Task DefaultTierAsync(this Portal portal, Actor actor, string tier) => portal.Get<Writer>().RunAsync<bool>(write =>
    {
        write.Set<OrganizationTiers>().Add(new OrganizationTiers { OrganizationId = actor.OrganizationId, Tiers = TierList.Initial.Tiers, DefaultTier = tier });
        return Task.FromResult<Outcome<bool>>(true);
    });
}
