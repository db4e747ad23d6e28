using KeyPortal.Keys;
using KeyPortal.Keys.Policies;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Keys.Policies;

public sealed class ApprovalNeedTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Theory]
    [InlineData("triggers:write", "triggers:write", true)]
    [InlineData("triggers:write", "triggers:read", false)]
    [InlineData("triggers:write", "triggers:*", true)]
    [InlineData("triggers:*", "triggers:read", true)]
    [InlineData("triggers:*", "triggers:*", true)]
    [InlineData("triggers:*", "events:*", false)]
    [InlineData("triggers:write events:read", "organizations:read events:read", true)]
    [InlineData("", "triggers:*", false)]
    [InlineData("triggers:*", "", false)]
    public void A_wildcard_counts_on_either_side(string named, string held, bool needed) =>
        ApprovalNeed.IsIn(Words(held), new OrganizationPolicy { ApprovalScopes = Words(named) }).ShouldBe(needed);

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    [Fact]
    public async Task A_test_key_waits_for_nobody()
    {
        await _portal.ApprovalAsync(_cast.Alice, "triggers:write");

        (await _portal.KeyAsync(_cast.Dora, with: i => i with { Scopes = ["triggers:write"] })).Key.Status.ShouldBe(KeyStatus.Active);
        (await _portal.LiveKeyAsync(_cast.Dora, "triggers:read")).Key.Status.ShouldBe(KeyStatus.Active);
        (await _portal.LiveKeyAsync(_cast.Dora, "triggers:read", "triggers:*")).Key.Status.ShouldBe(KeyStatus.Pending);
    }

    [Theory]
    [InlineData("triggers:read", "triggers:read triggers:write", true)]
    [InlineData("triggers:read", "triggers:*", true)]
    [InlineData("triggers:read", "triggers:read events:read", false)]
    [InlineData("triggers:*", "triggers:write", false)]
    [InlineData("triggers:write", "triggers:read", false)]
    public async Task A_key_in_use_cannot_gain_a_scope_that_needs_approval(string before, string after, bool refused)
    {
        var live = await _portal.LiveKeyAsync(_cast.Dora, Words(before));
        var test = await _portal.KeyAsync(_cast.Dora, with: i => i with { Scopes = Words(before) });
        await _portal.ApprovalAsync(_cast.Alice, "triggers:write");
        Task<Outcome<KeyView>> EditAsync(IssuedKey key) => _portal.Get<KeyEditing>().EditAsync(_cast.Dora, key.Key.Id, i => i with { Scopes = Words(after) });

        var edited = await EditAsync(live);

        (edited.Refusal?.Code).ShouldBe(refused ? "approval_required" : null);
        (edited.Refusal?.Detail.Contains("Create a new key", StringComparison.Ordinal)).ShouldBe(refused ? true : null);
        (await _portal.Get<KeyQueries>().FindAsync(_cast.Dora, live.Key.Id)).Value.Scopes.ShouldBe(Words(refused ? before : after));
        (await EditAsync(test)).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task A_key_that_waits_may_gain_and_lose_scopes_and_goes_on_waiting()
    {
        var key = await _portal.PendingKeyAsync(_cast, _cast.Dora);
        Task<Outcome<KeyView>> EditAsync(params string[] scopes) => _portal.Get<KeyEditing>().EditAsync(_cast.Dora, key.Key.Id, i => i with { Scopes = scopes });

        (await EditAsync("triggers:*")).Value.Status.ShouldBe(KeyStatus.Pending);
        (await EditAsync("events:read")).Value.Status.ShouldBe(KeyStatus.Pending);
        await _portal.ApprovalAsync(_cast.Alice);
        (await _portal.Get<KeyQueries>().FindAsync(_cast.Dora, key.Key.Id)).Value.Status.ShouldBe(KeyStatus.Pending, "what was asked is decided by a person, not by a change of policy");
    }
}
