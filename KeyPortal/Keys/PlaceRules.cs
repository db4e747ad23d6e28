using KeyPortal.Organizations;

namespace KeyPortal.Keys;

/// <summary>Where a live key may be used from, as the organization's policy wants it: somewhere, and not anywhere.</summary>
internal static class PlaceRules
{
    /// <summary>Names what the places of a live key lack. Networks in <paramref name="kept"/> the key has already, from before the policy.</summary>
    public static void Check(OrganizationPolicy policy, ApiKey key, IReadOnlyList<string> networks, IReadOnlyList<string> origins, IReadOnlyList<string> kept, Action<string, string> fail)
    {
        if (!policy.NetworksRequiredForLive || key.Environment != KeyEnvironment.Live)
        {
            return;
        }

        var isPublishable = key.Type == KeyType.Publishable;
        if ((isPublishable ? origins : networks).Count == 0)
        {
            fail(isPublishable ? "/allowed_origins" : "/allowed_ips",
                $"Your organization's policy wants a live key to name the {(isPublishable ? "origins it is used on" : "networks it is used from")}.");
        }

        for (var i = 0; i < networks.Count; i++)
        {
            if (AllowedNetwork.TryParse(networks[i], out var network) && network.IsNearlyEverywhere && !kept.Contains(network.ToString()))
            {
                fail($"/allowed_ips/{i}", $"Your organization's policy wants a live key to name the networks it is used from, and {network} is nearly everywhere. A block has a prefix of /8 or longer, in IPv6 of /16.");
            }
        }
    }
}
