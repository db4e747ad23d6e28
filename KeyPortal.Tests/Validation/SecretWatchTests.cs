using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;

namespace KeyPortal.Tests.Validation;

public sealed class SecretWatchTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private async Task UseAsync(IssuedKey key, string? ip = null) =>
        await _portal.Get<KeyValidator>().ValidateAsync(key.Key.OrganizationId, new ValidationRequest { Key = key.Plaintext.Expose(), Demand = new KeyDemand { Ip = ip } });

    /// <summary>Completes when the reuse of a secret has been committed.</summary>
    private Task<SecretReused> Heard()
    {
        var heard = new TaskCompletionSource<SecretReused>(TaskCreationOptions.RunContinuationsAsynchronously);
        _portal.Get<CommitSignals>().Committed += signal =>
        {
            if (signal is SecretReused reused)
            {
                heard.TrySetResult(reused);
            }
        };
        return heard.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_secret_used_after_its_grace_ended_is_recorded_once_an_hour()
    {
        var old = await _portal.KeyAsync(_cast.Alice);
        await _portal.Get<KeyRotation>().RotateAsync(_cast.Alice, old.Key.Id, new RotationInput(TimeSpan.Zero));
        var heard = Heard();

        await UseAsync(old, "203.0.113.9");
        var reused = await heard;
        for (var i = 0; i < 5; i++)
        {
            await UseAsync(old);
        }

        (reused.SecretVersion, reused.IsRevoked, reused.Ip).ShouldBe((1, false, "203.0.113.9"));
        var entry = (await _portal.EntriesAsync(old.Key.Id)).Where(e => e.Action == "key.reuse_detected").ShouldHaveSingleItem();
        entry.Outcome.ShouldBe(AuditOutcome.Refused);
        var details = JsonNode.Parse(entry.Bytes)!["details"]!;
        details["ended_by"]!.GetValue<string>().ShouldBe("rotation");
        details["client_ip"]!.GetValue<string>().ShouldStartWith("sha256:");

        heard = Heard();
        _portal.Clock.Advance(TimeSpan.FromHours(1));
        await UseAsync(old);
        await heard;
    }

    [Fact]
    public async Task So_is_a_revoked_key_and_neither_a_good_nor_an_expired_one()
    {
        var good = await _portal.KeyAsync(_cast.Alice);
        var expired = await _portal.KeyAsync(_cast.Alice, with: i => i with { Expiry = ExpiryInput.On(TestClock.Start.AddMinutes(1)) });
        var revoked = await _portal.KeyAsync(_cast.Alice);
        await _portal.Get<KeyRevocation>().RevokeAsync(_cast.Alice, revoked.Key.Id, RevocationReason.KeyCompromise);
        _portal.Clock.Advance(TimeSpan.FromMinutes(2));
        var heard = Heard();

        await UseAsync(good);
        await UseAsync(expired);
        await UseAsync(revoked);

        (await heard).KeyId.ShouldBe(revoked.Key.Id, "the first that is told");
        (await _portal.EntriesAsync(expired.Key.Id)).ShouldNotContain(e => e.Action == "key.reuse_detected");
    }
}
