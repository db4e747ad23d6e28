using KeyPortal.Keys;
using KeyPortal.Keys.Policies;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Tests.Support;

/// <summary>Builders for policies, and for keys that wait for approval.</summary>
public static class PolicyGiven
{
    public static async Task PolicyAsync(this Portal portal, Actor owner, Func<PolicyInput, PolicyInput> change) =>
        (await portal.Get<PolicyEditing>().EditAsync(owner, change)).Refusal.ShouldBeNull();

    /// <summary>From now on live keys that hold one of these scopes wait for a second person.</summary>
    public static Task ApprovalAsync(this Portal portal, Actor owner, params string[] scopes) => portal.PolicyAsync(owner, p => p with { ApprovalScopes = scopes });

    public static Task<IssuedKey> LiveKeyAsync(this Portal portal, Actor owner, params string[] scopes) =>
        portal.KeyAsync(owner, "A live key", environment: KeyEnvironment.Live, with: i => i with { Scopes = scopes });

    /// <summary>What validating the key answers now.</summary>
    public static async Task<ValidationCode> CodeOfAsync(this Portal portal, Cast cast, IssuedKey key) =>
        (await portal.Get<KeyValidator>().ValidateAsync(cast.AcmeId, new ValidationRequest { Key = key.Plaintext.Expose() })).Code;

    /// <summary>A live key that waits, under a policy that asks for approval of <c>triggers:write</c>.</summary>
    public static async Task<IssuedKey> PendingKeyAsync(this Portal portal, Cast cast, Actor requester)
    {
        await portal.ApprovalAsync(cast.Alice, "triggers:write");
        var key = await portal.LiveKeyAsync(requester, "triggers:write");
        key.Key.Status.ShouldBe(KeyStatus.Pending);
        return key;
    }
}
