using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Audit;

public sealed class PermissionGateTests
{
    [Fact]
    public async Task The_same_refusal_is_recorded_once_a_minute_and_another_by_itself()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        for (var i = 0; i < 3; i++)
        {
            await AskAsync(portal, cast.Dora, Act.ReadAuditLog);
        }

        (await CountAsync(portal)).ShouldBe(1);
        await AskAsync(portal, cast.Dan, Act.ReadAuditLog);
        await AskAsync(portal, cast.Audrey, Act.CreateKeys);
        (await CountAsync(portal)).ShouldBe(3);

        portal.Clock.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromMilliseconds(1));
        await AskAsync(portal, cast.Dora, Act.ReadAuditLog);
        (await CountAsync(portal)).ShouldBe(3);
        portal.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await AskAsync(portal, cast.Dora, Act.ReadAuditLog);
        (await CountAsync(portal)).ShouldBe(4);
    }

    [Fact]
    public async Task Whoever_hangs_up_at_once_leaves_a_trace_all_the_same()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        (await portal.Get<PermissionGate>().RefuseAsync(cast.Dora, Act.ReadAuditLog, gone.Token)).ShouldNotBeNull();
        (await CountAsync(portal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_refusal_that_could_not_be_recorded_is_recorded_the_next_time()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        await using var db = portal.OpenDb();
        await db.Database.ExecuteSqlRawAsync("CREATE TRIGGER full BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(ABORT, 'no'); END");
        await Should.ThrowAsync<Exception>(() => AskAsync(portal, cast.Dora, Act.ReadAuditLog));
        await db.Database.ExecuteSqlRawAsync("DROP TRIGGER full");

        await AskAsync(portal, cast.Dora, Act.ReadAuditLog);
        (await CountAsync(portal)).ShouldBe(1);
    }

    [Theory]
    [InlineData(Role.Owner, "all all all all all all")]
    [InlineData(Role.Admin, "all all all all all all")]
    [InlineData(Role.Developer, "own own own all own none")]
    [InlineData(Role.Auditor, "all none none none all all")]
    public void Each_role_reaches_as_far_as_the_table_says(Role role, string reaches) =>
        string.Join(' ', new[] { Act.ReadKeys, Act.CreateKeys, Act.ChangeKeys, Act.ValidateKeys, Act.ReadUsage, Act.ReadAuditLog }
            .Select(act => SnakeCase.Of(Permissions.Of(role, act)))).ShouldBe(reaches);

    [Fact]
    public void A_key_reaches_no_further_than_both_its_scopes_and_its_owners_role()
    {
        Actor key = Actor.System("org_1") with { Type = ActorType.ApiKey, Role = Role.Developer, MemberId = "usr_1", Scopes = [Scope.Parse("api-keys:*"), Scope.Parse("audit:read")] };
        key.ReachOf(Act.ReadKeys).ShouldBe(Reach.Own);
        key.May(Act.ChangeKeys, "usr_1").ShouldBeTrue();
        key.May(Act.ChangeKeys, "usr_2").ShouldBeFalse();
        key.May(Act.ReadUsage).ShouldBeFalse("it lacks the scope");
        key.May(Act.ReadAuditLog).ShouldBeFalse("its owner's role does not reach it");
        (key with { Scopes = [] }).May(Act.ReadKeys).ShouldBeFalse();
        (key with { Scopes = null }).May(Act.ReadKeys).ShouldBeTrue("null is a person, bound by the role alone");
    }

    private static async Task AskAsync(Portal portal, Actor actor, Act act) =>
        (await portal.Get<PermissionGate>().RefuseAsync(actor, act, CancellationToken.None))!.Kind.ShouldBe(RefusalKind.NotAllowed);

    private static async Task<int> CountAsync(Portal portal)
    {
        await using var db = portal.OpenDb();
        return await db.Set<AuditEntry>().CountAsync(e => e.Action == "permission.refused" && e.Outcome == AuditOutcome.Refused);
    }
}
