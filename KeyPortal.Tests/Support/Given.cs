using KeyPortal.Keys;
using KeyPortal.Primitives;
using Microsoft.Extensions.Configuration;

namespace KeyPortal.Tests.Support;

/// <summary>Builders for what a test starts from.</summary>
public static class Given
{
    /// <summary>A key of <paramref name="owner"/>: a test secret key without scopes that never expires, unless told otherwise.</summary>
    public static async Task<IssuedKey> KeyAsync(
        this Portal portal, Actor owner, string name = "A key", KeyType type = KeyType.Secret, KeyEnvironment environment = KeyEnvironment.Test, Func<KeyInput, KeyInput>? with = null)
    {
        var input = new KeyInput { Name = name, Expiry = ExpiryInput.In(KeyPortal.Organizations.ExpiryChoice.Never) };
        return (await portal.Get<KeyIssuance>().CreateAsync(owner, with?.Invoke(input) ?? input, type, environment)).Value;
    }

    /// <summary>A live key with all of KeyPortal's own scopes, as automation has it.</summary>
    public static async Task<string> ManagementKeyAsync(this Portal portal, Actor owner) =>
        (await portal.KeyAsync(owner, "Management", environment: KeyEnvironment.Live, with: i => i with { Scopes = [.. OwnScopes.All.Select(s => s.Value)] })).Plaintext.Expose();

    /// <summary>Turns the switch as an edited settings file does: the value changes, and the configuration announces it.</summary>
    public static void TurnKeyManagement(this Portal portal, string value)
    {
        var configuration = (IConfigurationRoot)portal.Get<IConfiguration>();
        configuration[$"FeatureManagement:{KeyManagement.Flag}"] = value;
        configuration.Reload();
    }
}
