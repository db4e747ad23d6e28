using KeyPortal.Keys;
using KeyPortal.Keys.Bulk;
using KeyPortal.Primitives;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;
using KeyPortal.Tests.Usage;
using KeyPortal.Validation;

namespace KeyPortal.Tests.Keys.Bulk;

/// <summary>One thing done with many keys, on their confirmed number.</summary>
public sealed class KeyBulkTests : IAsyncLifetime
{
    private readonly Portal _portal = new(("KeyPortal:Policy:KeysPerMember", "1000"));
    private Cast _cast = null!;
    private KeyBulk _bulk = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _bulk = _portal.Get<KeyBulk>();
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private async Task<List<IssuedKey>> KeysAsync(Actor owner, int count, string name = "Batch")
    {
        List<IssuedKey> keys = [];
        for (var i = 0; i < count; i++)
        {
            keys.Add(await _portal.KeyAsync(owner, $"{name} {i}"));
        }

        return keys;
    }

    private async Task<ValidationCode> CodeAsync(IssuedKey key) =>
        (await _portal.Get<KeyValidator>().ValidateAsync(_cast.AcmeId, new ValidationRequest { Key = key.Plaintext.Expose() })).Code;

    private static BulkSelection Named(string search) => BulkSelection.Of(new KeyFilter { Search = search });

    [Fact]
    public async Task Revoking_ends_all_that_the_filter_finds_and_no_other_at_once()
    {
        var (batch, other) = (await KeysAsync(_cast.Alice, 3), await _portal.KeyAsync(_cast.Alice, "Other"));
        foreach (var key in batch)
        {
            (await CodeAsync(key)).ShouldBe(ValidationCode.Valid);
        }

        var preview = (await _bulk.PreviewAsync(_cast.Alice, BulkAction.Revoke, Named("batch"))).Value;
        var done = (await _bulk.RevokeAsync(_cast.Alice, Named("batch"), preview.Count, RevocationReason.Superseded)).Value;

        (preview.Count, done.Changed).ShouldBe((3, 3));
        preview.First.Select(k => k.Id).ShouldBe(batch.Select(k => k.Key.Id), ignoreOrder: true);
        foreach (var key in batch)
        {
            (await CodeAsync(key)).ShouldBe(ValidationCode.Revoked);
        }

        (await CodeAsync(other)).ShouldBe(ValidationCode.Valid);
        (await _portal.AuditAsync(_cast.Alice, "key.revoked")).Select(e => e.TargetId).ShouldBe(batch.Select(k => k.Key.Id), ignoreOrder: true);
        (await _bulk.PreviewAsync(_cast.Alice, BulkAction.Revoke, Named("batch"))).Value.Count.ShouldBe(0, "what is revoked is not found again");
    }

    [Fact]
    public async Task Another_number_than_the_confirmed_one_changes_nothing()
    {
        var keys = await KeysAsync(_cast.Alice, 2);

        var refusal = (await _bulk.RevokeAsync(_cast.Alice, Named("batch"), 3, RevocationReason.Unspecified)).Refusal!;

        (refusal.Kind, refusal.Code).ShouldBe((RefusalKind.Conflict, "count_mismatch"));
        refusal.Detail.ShouldContain("2 keys");
        (await CodeAsync(keys[0])).ShouldBe(ValidationCode.Valid);
    }

    [Fact]
    public async Task A_filter_finds_only_what_the_actor_may_see()
    {
        var (own, colleagues) = (await KeysAsync(_cast.Dora, 2), await KeysAsync(_cast.Dan, 1));
        await _portal.KeyAsync(_cast.Olaf, "Batch of another organization");

        (await _bulk.DisableAsync(_cast.Dora, Named("batch"), 2)).Value.Changed.ShouldBe(2);

        (await CodeAsync(own[0])).ShouldBe(ValidationCode.Disabled);
        (await CodeAsync(colleagues[0])).ShouldBe(ValidationCode.Valid);
    }

    [Fact]
    public async Task Ids_are_all_known_or_nothing_is_done()
    {
        var (own, theirs) = ((await KeysAsync(_cast.Alice, 1))[0], await _portal.KeyAsync(_cast.Olaf));

        var refusal = (await _bulk.RevokeAsync(_cast.Alice, BulkSelection.Of([own.Key.Id, theirs.Key.Id, "key_none"]), 3, RevocationReason.Unspecified)).Refusal!;

        refusal.Errors.Select(e => e.Pointer).ShouldBe(["/ids/1", "/ids/2"]);
        (await CodeAsync(own)).ShouldBe(ValidationCode.Valid);
    }

    [Fact]
    public async Task A_key_among_them_that_is_so_already_is_counted_and_left_alone()
    {
        var keys = await KeysAsync(_cast.Alice, 2);
        await _portal.Get<KeyRevocation>().RevokeAsync(_cast.Alice, keys[0].Key.Id, RevocationReason.KeyCompromise);

        var done = (await _bulk.RevokeAsync(_cast.Alice, BulkSelection.Of([.. keys.Select(k => k.Key.Id)]), 2, RevocationReason.Superseded)).Value;

        (done.Count, done.Changed).ShouldBe((2, 1));
        (await _portal.Get<KeyQueries>().FindAsync(_cast.Alice, keys[0].Key.Id)).Value.RevocationReason.ShouldBe(RevocationReason.KeyCompromise);
    }

    [Fact]
    public async Task More_than_fit_one_transaction_are_all_ended()
    {
        var ids = await _portal.ManyKeysAsync(_cast.Alice, 2_300);

        var done = (await _bulk.RevokeAsync(_cast.Alice, BulkSelection.Of(new KeyFilter { CreatedBy = _cast.Alice.Id }), ids.Count, RevocationReason.KeyCompromise)).Value;

        done.Changed.ShouldBe(ids.Count);
        (await _portal.Get<KeyQueries>().ListAsync(_cast.Alice, new KeyFilter { Status = KeyStatus.Revoked }, 1, null)).Value.Total.ShouldBe(ids.Count);
    }

    [Fact]
    public async Task Tags_are_put_on_and_taken_off_each_with_its_entry()
    {
        var first = await _portal.KeyAsync(_cast.Alice, "Batch 1", with: k => k with { Tags = ["old", "stays"] });
        var second = await _portal.KeyAsync(_cast.Alice, "Batch 2", with: k => k with { Tags = ["new"] });

        var done = (await _bulk.TagAsync(_cast.Alice, Named("batch"), 2, ["new"], ["old"])).Value;

        done.Changed.ShouldBe(1);
        (await _portal.Get<KeyQueries>().FindAsync(_cast.Alice, first.Key.Id)).Value.Tags.ShouldBe(["stays", "new"]);
        (await _portal.AuditAsync(_cast.Alice, "key.updated")).ShouldHaveSingleItem().TargetId.ShouldBe(first.Key.Id);
        (await _portal.Get<KeyQueries>().FindAsync(_cast.Alice, second.Key.Id)).Value.Revision.ShouldBe(second.Key.Revision);
    }

    [Fact]
    public async Task A_key_that_would_have_too_many_tags_stops_them_all_and_is_named()
    {
        await _portal.KeyAsync(_cast.Alice, "Batch full", with: k => k with { Tags = [.. Enumerable.Range(0, 20).Select(i => $"t{i}")] });
        var roomy = await _portal.KeyAsync(_cast.Alice, "Batch roomy");

        var refusal = (await _bulk.TagAsync(_cast.Alice, Named("batch"), 2, ["more"], [])).Refusal!;

        refusal.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/add_tags");
        refusal.Detail.ShouldContain("Batch full");
        (await _portal.Get<KeyQueries>().FindAsync(_cast.Alice, roomy.Key.Id)).Value.Tags.ShouldBeEmpty();
    }

    [Fact]
    public async Task With_key_management_off_keys_are_taken_away_and_nothing_is_given()
    {
        await KeysAsync(_cast.Alice, 1);
        _portal.TurnKeyManagement("false");

        (await _bulk.TagAsync(_cast.Alice, Named("batch"), 1, ["x"], [])).Refusal!.Code.ShouldBe("key_management_disabled");
        (await _portal.Get<BulkRotation>().RotateAsync(_cast.Alice, Named("batch"), 1, new RotationInput())).Value.ShouldHaveSingleItem().Refusal!.Code.ShouldBe("key_management_disabled");
        (await _bulk.RevokeAsync(_cast.Alice, Named("batch"), 1, RevocationReason.Unspecified)).Value.Changed.ShouldBe(1);
    }

    [Fact]
    public async Task An_auditor_changes_nothing_and_is_recorded()
    {
        (await _bulk.RevokeAsync(_cast.Audrey, Named("batch"), 0, RevocationReason.Unspecified)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await _portal.AuditAsync(_cast.Alice, "permission.refused")).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_rotation_that_is_stopped_keeps_what_it_has_made_and_leaves_the_rest_alone()
    {
        var keys = await KeysAsync(_cast.Alice, 3);
        using var stop = new CancellationTokenSource();
        List<int> told = [];
        var watch = new BulkWatch(passed =>
        {
            told.Add(passed);
            if (passed == 1)
            {
                stop.Cancel();
            }
        }, stop.Token);

        var rotated = (await _portal.Get<BulkRotation>().RotateAsync(_cast.Alice, Named("batch"), 3, new RotationInput(), watch: watch)).Value;

        rotated.Select(r => r.Refusal?.Code).ShouldBe([null, "stopped", "stopped"]);
        (await _portal.Get<KeyQueries>().FindManyAsync(_cast.Alice, [.. keys.Select(k => k.Key.Id)])).Select(k => k.SecretVersion).Order().ShouldBe([1, 1, 2]);
        told.ShouldBe([0, 1]);
    }

    [Fact]
    public async Task An_act_tells_how_many_keys_have_had_their_turn()
    {
        await KeysAsync(_cast.Alice, 3);
        List<int> told = [];

        await _bulk.DisableAsync(_cast.Alice, Named("batch"), 3, new BulkWatch(told.Add, default));

        told.ShouldBe([3]);
    }

    [Fact]
    public async Task A_rotation_that_an_outage_cuts_short_still_answers_with_the_secrets_it_has_made()
    {
        var keys = await KeysAsync(_cast.Alice, 3);
        using var onlooker = new Onlooker(_portal);
        var watch = new BulkWatch(passed =>
        {
            if (passed == 1)
            {
                onlooker.Lock();
            }
        }, default);

        var rotated = (await _portal.Get<BulkRotation>().RotateAsync(_cast.Alice, Named("batch"), 3, new RotationInput(), watch: watch)).Value;

        rotated.Select(r => r.Refusal?.Code).ShouldBe([null, "storage_unavailable", "storage_unavailable"]);
        rotated[0].Issued!.Key.Id.ShouldBe(keys.Min(k => k.Key.Id));
    }
}
