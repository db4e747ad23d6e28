using System.Text;
using KeyPortal.Keys;
using KeyPortal.Offboarding;
using KeyPortal.Primitives;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;
using KeyPortal.Validation;

namespace KeyPortal.Tests.Offboarding;

/// <summary>Something went wrong: everything it may have touched ends now.</summary>
public sealed class BreakGlassTests : IAsyncLifetime
{
    private readonly Portal _portal = new(("KeyPortal:Policy:KeysPerMember", "1000"));
    private Cast _cast = null!;
    private BreakGlass _glass = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _glass = _portal.Get<BreakGlass>();
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private async Task<ValidationCode> UseAsync(IssuedKey key, string? ip = null) => (await _portal.Get<KeyValidator>().ValidateAsync(_cast.AcmeId,
        new ValidationRequest { Key = key.Plaintext.Expose(), Demand = KeyDemand.Nothing with { Ip = ip } })).Code;

    private async Task EndAsync(Incident incident, int count)
    {
        (await _glass.PreviewAsync(_cast.Alice, incident)).Value.Count.ShouldBe(count);
        (await _glass.RevokeAsync(_cast.Alice, incident, count, RevocationReason.KeyCompromise)).Value.Changed.ShouldBe(count);
    }

    [Fact]
    public async Task What_a_member_made_ends_by_whomever_it_is_owned_and_with_whatever_key_it_was_made()
    {
        var own = await _portal.KeyAsync(_cast.Dora, "By hand");
        var manager = await _portal.KeyAsync(_cast.Dora, "Manager", with: k => k with { Scopes = ["api-keys:manage"] });
        var caller = (await _portal.Get<CallerAuthentication>().AuthenticateAsync(manager.Plaintext.Expose(), Origin.None)).Value.Actor;
        var byKey = (await _portal.Get<KeyIssuance>().CreateAsync(caller, new KeyInput { Name = "By key" }, KeyType.Secret, KeyEnvironment.Test)).Value;
        var dans = await _portal.KeyAsync(_cast.Dan, "Dan's");

        await EndAsync(new Incident { CreatedBy = _cast.Dora.Id }, 3);

        foreach (var key in new[] { own, manager, byKey })
        {
            (await UseAsync(key)).ShouldBe(ValidationCode.Revoked);
        }

        (await UseAsync(dans)).ShouldBe(ValidationCode.Valid);
    }

    [Fact]
    public async Task What_was_used_from_an_address_ends_however_long_ago_its_last_use_was()
    {
        var (today, lately, before, elsewhere) = (await _portal.KeyAsync(_cast.Alice, "Today"), await _portal.KeyAsync(_cast.Alice, "Lately"), await _portal.KeyAsync(_cast.Alice, "Before"), await _portal.KeyAsync(_cast.Alice, "Elsewhere"));
        await UseAsync(before, "203.0.113.77");
        await _portal.Get<LastUses>().WriteAsync();
        _portal.Clock.Advance(TimeSpan.FromDays(60));
        await UseAsync(lately, "203.0.113.77");
        _portal.Clock.Advance(TimeSpan.FromDays(2));
        await UseAsync(lately, "198.51.100.1");
        await UseAsync(today, "::ffff:203.0.113.77");
        await UseAsync(elsewhere, "198.51.100.1");

        await EndAsync(new Incident { SeenFrom = "203.0.113.0/24" }, 3);

        (await UseAsync(elsewhere, "198.51.100.1")).ShouldBe(ValidationCode.Valid);
        foreach (var key in new[] { today, lately, before })
        {
            (await UseAsync(key)).ShouldBe(ValidationCode.Revoked);
        }
    }

    [Fact]
    public async Task What_was_made_since_a_time_ends_to_the_second()
    {
        var before = await _portal.KeyAsync(_cast.Alice, "Before");
        _portal.Clock.Advance(TimeSpan.FromSeconds(1));
        var since = _portal.Clock.Now;
        var after = await _portal.KeyAsync(_cast.Alice, "After");

        await EndAsync(new Incident { CreatedSince = since }, 1);

        (await UseAsync(before)).ShouldBe(ValidationCode.Valid);
        (await UseAsync(after)).ShouldBe(ValidationCode.Revoked);
    }

    [Fact]
    public async Task Every_part_narrows_the_keys_down()
    {
        var (both, seenOnly, madeOnly) = (await _portal.KeyAsync(_cast.Dora, "Both"), await _portal.KeyAsync(_cast.Dan, "Seen"), await _portal.KeyAsync(_cast.Dora, "Made"));
        await UseAsync(both, "203.0.113.7");
        await UseAsync(seenOnly, "203.0.113.7");

        await EndAsync(new Incident { SeenFrom = "203.0.113.7", CreatedBy = _cast.Dora.Id }, 1);

        (await UseAsync(seenOnly)).ShouldBe(ValidationCode.Valid);
        (await UseAsync(madeOnly)).ShouldBe(ValidationCode.Valid);
    }

    [Fact]
    public async Task Another_organizations_keys_are_out_of_reach()
    {
        var theirs = await _portal.KeyAsync(_cast.Olaf);
        await _portal.Get<KeyValidator>().ValidateAsync(_cast.UmbraId, new ValidationRequest { Key = theirs.Plaintext.Expose(), Demand = KeyDemand.Nothing with { Ip = "203.0.113.7" } });

        (await _glass.PreviewAsync(_cast.Alice, new Incident { SeenFrom = "203.0.113.7" })).Value.Count.ShouldBe(0);
        (await _glass.PreviewAsync(_cast.Alice, new Incident { CreatedBy = _cast.Olaf.Id })).Value.Count.ShouldBe(0);
    }

    [Fact]
    public async Task The_key_that_calls_stays_and_the_incident_has_its_entry()
    {
        var caller = (await _portal.Get<CallerAuthentication>().AuthenticateAsync(await _portal.ManagementKeyAsync(_cast.Alice), Origin.None)).Value.Actor;
        await _portal.KeyAsync(_cast.Alice, "Made");

        (await _glass.RevokeAsync(caller, new Incident { CreatedSince = _portal.Clock.Now.AddDays(-1) }, 1, RevocationReason.KeyCompromise)).Value.Changed.ShouldBe(1);

        var entry = (await _portal.AuditAsync(_cast.Alice, "keys.revoked")).ShouldHaveSingleItem();
        entry.Details["keys"]!.GetValue<int>().ShouldBe(1);
        (await UseAsync(await _portal.KeyAsync(_cast.Alice, "Later"))).ShouldBe(ValidationCode.Valid);
    }

    [Fact]
    public async Task An_address_in_the_entry_can_be_erased()
    {
        await UseAsync(await _portal.KeyAsync(_cast.Alice), "203.0.113.7");
        await EndAsync(new Incident { SeenFrom = "203.0.113.7" }, 1);

        Encoding.UTF8.GetString((await _portal.EntriesAsync(_cast.AcmeId))[^1].Bytes).ShouldNotContain("203.0.113.7");
    }

    [Fact]
    public async Task An_incident_of_which_nothing_is_known_or_a_network_that_is_none_ends_nothing()
    {
        (await _glass.PreviewAsync(_cast.Alice, new Incident())).Refusal!.Kind.ShouldBe(RefusalKind.Invalid);
        (await _glass.PreviewAsync(_cast.Alice, new Incident { SeenFrom = "10.0.0.1/8" })).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/seen_from");
        (await _glass.RevokeAsync(_cast.Alice, new Incident { CreatedSince = _portal.Clock.Now.AddDays(-1) }, 7, RevocationReason.KeyCompromise)).Refusal!.Code.ShouldBe("count_mismatch");
    }
}
