using KeyPortal.Keys;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;

namespace KeyPortal.Tests.Validation;

public sealed class RevocationTests
{
    [Fact]
    public async Task A_revoked_key_is_refused_from_the_next_call_on()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = await portal.KeyAsync(cast.Alice);
        var validator = portal.Get<KeyValidator>();
        var request = new ValidationRequest { Key = key.Plaintext.Expose() };
        (await validator.ValidateAsync(cast.AcmeId, request)).Code.ShouldBe(ValidationCode.Valid);

        (await portal.Get<KeyRevocation>().RevokeAsync(cast.Alice, key.Key.Id, RevocationReason.KeyCompromise)).Value.Status.ShouldBe(KeyStatus.Revoked);

        (await validator.ValidateAsync(cast.AcmeId, request)).Code.ShouldBe(ValidationCode.Revoked);
    }
}
