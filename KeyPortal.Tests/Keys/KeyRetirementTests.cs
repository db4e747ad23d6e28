using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;

namespace KeyPortal.Tests.Keys;

public sealed class KeyRetirementTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private async Task<ValidationResult> ValidateAsync(IssuedKey key) =>
        await _portal.Get<KeyValidator>().ValidateAsync(key.Key.OrganizationId, new ValidationRequest { Key = key.Plaintext.Expose() });

    private Task<Outcome<KeyView>> RetireAsync(IssuedKey key, TimeSpan notice) =>
        _portal.Get<KeyRevocation>().RetireAsync(_cast.Alice, key.Key.Id, RevocationReason.Superseded, notice);

    [Fact]
    public async Task A_retiring_key_is_good_and_warns_until_its_end_and_is_revoked_then()
    {
        var key = await _portal.KeyAsync(_cast.Alice);
        var retiring = (await RetireAsync(key, TimeSpan.FromDays(7))).Value;
        (retiring.Status, retiring.RetiresAt, retiring.RevokedAt).ShouldBe((KeyStatus.Retiring, TestClock.Start.AddDays(7), null));

        _portal.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        var still = await ValidateAsync(key);
        still.Code.ShouldBe(ValidationCode.Valid);
        still.Warnings.ShouldHaveSingleItem().Code.ShouldBe(KeyWarningCode.Retiring);

        _portal.Clock.Advance(TimeSpan.FromSeconds(1));
        (await ValidateAsync(key)).Code.ShouldBe(ValidationCode.Revoked);
        var ended = (await _portal.Get<KeyQueries>().FindAsync(_cast.Alice, key.Key.Id)).Value;
        (ended.Status, ended.RevokedAt).ShouldBe((KeyStatus.Revoked, TestClock.Start.AddDays(7)));
    }

    [Fact]
    public async Task Revoking_ends_a_retiring_key_at_once()
    {
        var key = await _portal.KeyAsync(_cast.Alice);
        await RetireAsync(key, TimeSpan.FromDays(7));
        (await _portal.Get<KeyRevocation>().RevokeAsync(_cast.Alice, key.Key.Id, RevocationReason.KeyCompromise)).Value.Status.ShouldBe(KeyStatus.Revoked);
        (await ValidateAsync(key)).Code.ShouldBe(ValidationCode.Revoked);
        (await _portal.EntriesAsync(key.Key.Id)).Select(e => e.Action).Where(a => a != "key.reuse_detected").TakeLast(2).ShouldBe(["key.retired", "key.revoked"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(31_536_001)]
    public async Task An_end_is_announced_up_to_a_year_ahead(long seconds)
    {
        var key = await _portal.KeyAsync(_cast.Alice);
        (await RetireAsync(key, TimeSpan.FromSeconds(seconds))).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/retire_in_seconds");
    }

    [Theory]
    [InlineData(KeyStatus.Retiring)]
    [InlineData(KeyStatus.Active)]
    [InlineData(KeyStatus.Revoked)]
    public async Task The_list_finds_a_retiring_key_under_its_own_status_only(KeyStatus status)
    {
        var key = await _portal.KeyAsync(_cast.Alice);
        await RetireAsync(key, TimeSpan.FromDays(7));
        var listed = (await _portal.Get<KeyQueries>().ListAsync(_cast.Alice, new KeyFilter { Status = status }, 50, null)).Value.Items;
        listed.Any(k => k.Id == key.Key.Id).ShouldBe(status == KeyStatus.Retiring);
    }
}
