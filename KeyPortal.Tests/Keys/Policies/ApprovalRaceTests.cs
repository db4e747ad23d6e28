using KeyPortal.Keys;
using KeyPortal.Keys.Policies;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Keys.Policies;

public sealed class ApprovalRaceTests : IClassFixture<SharedPortal>
{
    private readonly Portal _portal;
    private readonly Cast _cast;

    public ApprovalRaceTests(SharedPortal shared) => (_portal, _cast) = (shared.Portal, shared.Cast);

    [Fact]
    public async Task Of_many_decisions_at_once_one_is_made()
    {
        var key = await _portal.PendingKeyAsync(_cast, _cast.Dora);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => (i % 2 == 0) switch
        {
            true => _portal.Get<KeyApproval>().ApproveAsync(_cast.Alice, key.Key.Id, CallTerms.Seen(key.Key)),
            _ => _portal.Get<KeyApproval>().DeclineAsync(_cast.Andy, key.Key.Id, terms: CallTerms.Seen(key.Key)),
        })));

        outcomes.Count(o => o.Refusal is null).ShouldBe(1);
        outcomes.Where(o => o.Refusal is not null).ShouldAllBe(o => o.Refusal!.Kind == RefusalKind.Stale);
        (await _portal.EntriesAsync(key.Key.Id)).Count(e => e.Action is "key.approved" or "key.declined").ShouldBe(1);
    }

    [Fact]
    public async Task What_was_changed_after_the_approver_looked_is_not_approved()
    {
        var key = await _portal.PendingKeyAsync(_cast, _cast.Dora);
        var raised = (await _portal.Get<KeyEditing>().EditAsync(_cast.Dora, key.Key.Id, i => i with { Scopes = ["triggers:*", "organizations:write"] })).Value;

        (await _portal.Get<KeyApproval>().ApproveAsync(_cast.Alice, key.Key.Id, CallTerms.Seen(key.Key))).Refusal!.ShouldSatisfyAllConditions(r => r.Kind.ShouldBe(RefusalKind.Stale), r => r.Code.ShouldBe("precondition_failed"));

        (await _portal.CodeOfAsync(_cast, key)).ShouldBe(ValidationCode.NotYetValid);
        (await _portal.Get<KeyApproval>().ApproveAsync(_cast.Alice, key.Key.Id, CallTerms.Seen(raised))).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Of_an_approval_and_an_edit_that_raises_rights_one_comes_too_late()
    {
        for (var round = 0; round < 5; round++)
        {
            var key = await _portal.PendingKeyAsync(_cast, _cast.Alice);
            var approving = Task.Run(() => _portal.Get<KeyApproval>().ApproveAsync(_cast.Andy, key.Key.Id, CallTerms.Seen(key.Key)));
            var editing = Task.Run(() => _portal.Get<KeyEditing>().EditAsync(_cast.Alice, key.Key.Id, i => i with { Scopes = ["triggers:*"] }));
            var (approved, edited) = (await approving, await editing);

            string?[] codes = [approved.Refusal?.Code, edited.Refusal?.Code];
            codes.ShouldBeOneOf([["precondition_failed", null], [null, "approval_required"]], new Same());
            await _portal.Get<KeyRevocation>().RevokeAsync(_cast.Alice, key.Key.Id, RevocationReason.Unspecified);
        }
    }

    private sealed class Same : IEqualityComparer<string?[]>
    {
        public bool Equals(string?[]? x, string?[]? y) => x!.SequenceEqual(y!);

        public int GetHashCode(string?[] obj) => obj.Length;
    }
}
