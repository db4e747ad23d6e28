using KeyPortal.Organizations;

namespace KeyPortal.Keys;

/// <summary>Where a live key may be used from, as the organization's policy wants it: somewhere, and not anywhere.</summary>
internal static class PlaceRules
{
    /// <summary>
    /// Names what the places of a live key lack: the origins of a publishable one, of every other its networks. Those that the key has already, from before the
    /// policy, stay unless it is brought back (<paramref name="keeps"/>).
    /// </summary>
    public static void Check(OrganizationPolicy policy, ApiKey key, IReadOnlyList<string> networks, IReadOnlyList<string> origins, bool keeps, Action<string, string> fail)
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

        if (isPublishable)
        {
            CheckOrigins(origins, keeps ? key.AllowedOrigins : [], fail);
        }
        else
        {
            CheckNetworks(networks, keeps ? key.AllowedIps : [], fail);
        }
    }

    private static void CheckNetworks(IReadOnlyList<string> networks, IReadOnlyList<string> kept, Action<string, string> fail)
    {
        for (var i = 0; i < networks.Count; i++)
        {
            if (AllowedNetwork.TryParse(networks[i], out var network) && network.IsNearlyEverywhere && !kept.Contains(network.ToString()))
            {
                fail($"/allowed_ips/{i}", $"Your organization's policy wants a live key to name the networks it is used from, and {network} is nearly everywhere. A block has a prefix of /8 or longer, in IPv6 of /16.");
            }
        }
    }

    private static void CheckOrigins(IReadOnlyList<string> origins, IReadOnlyList<string> kept, Action<string, string> fail)
    {
        for (var i = 0; i < origins.Count; i++)
        {
            if (AllowedOrigin.TryParse(origins[i], out var origin) && origin.IsNearlyEverywhere && !kept.Contains(origin.ToString()))
            {
                fail($"/allowed_origins/{i}", $"Your organization's policy wants a live key to name the origins it is used on, and {origin} is nearly everywhere. A wildcard stands before two labels or more, as in https://*.example.com.");
            }
        }
    }
}
