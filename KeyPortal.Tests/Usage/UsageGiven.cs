using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;

namespace KeyPortal.Tests.Usage;

internal static class UsageGiven
{
    /// <summary>Calls answered with <paramref name="code"/>, at an instant of the past or now.</summary>
    public static void Calls(this Portal portal, string organizationId, string? keyId, int count, ValidationCode code = ValidationCode.Valid, DateTimeOffset? at = null)
    {
        for (var i = 0; i < count; i++)
        {
            portal.Get<UsageRecorder>().Record(new UsageEvent(at ?? portal.Clock.Now, organizationId, keyId, keyId is null ? 0 : 1, code, null, TimeSpan.FromMicroseconds(20)));
        }
    }

    /// <summary>Rows of keys beyond what a policy lets one member make.</summary>
    public static async Task<IReadOnlyList<string>> ManyKeysAsync(this Portal portal, Actor owner, int count) =>
        (await portal.Get<Writer>().RunAsync<IReadOnlyList<string>>(write =>
        {
            var keys = Enumerable.Range(0, count).Select(n => new ApiKey
            {
                Id = EntityId.New(EntityId.Key, write.Now),
                OrganizationId = owner.OrganizationId,
                OwnerId = owner.MemberId,
                Type = KeyType.Secret,
                Environment = KeyEnvironment.Test,
                Start = $"sk_test_{n:d6}",
                SecretVersion = 1,
                CreatedAt = write.Now,
                CreatedBy = owner.Id,
                Name = $"Key {n}",
            }).ToList();
            write.Set<ApiKey>().AddRange(keys);
            return Task.FromResult<Outcome<IReadOnlyList<string>>>(keys.ConvertAll(k => k.Id));
        })).Value;
}
