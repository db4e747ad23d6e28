using System.Text;
using KeyPortal.Access;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Access;

/// <summary>A person sees and ends their own sessions, and nobody else's.</summary>
public sealed class OwnSessionsTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task The_session_that_asks_comes_first_then_the_last_used()
    {
        var first = await _portal.SessionAsync(_cast.Dora with { Origin = new Origin("203.0.113.1", "Firefox/140.0", null) });
        _portal.Clock.Advance(TimeSpan.FromMinutes(1));
        var second = await _portal.SessionAsync(_cast.Dora);
        _portal.Clock.Advance(TimeSpan.FromMinutes(1));
        await _portal.SessionAsync(_cast.Dan);

        var list = (await Own.ListAsync(_cast.Dora with { SessionId = first.SessionId })).Value;
        list.Sessions.Select(s => (s.Id, s.IsThis)).ShouldBe([(first.SessionId, true), (second.SessionId, false)]);
        (list.Total, list.Sessions[0].Ip, list.Sessions[0].UserAgent, list.Sessions[0].Method).ShouldBe((2, "203.0.113.1", "Firefox/140.0", SignInMethod.PasswordAndTotp));
        (await Own.ListAsync(_cast.Dora with { SessionId = second.SessionId })).Value.Sessions[0].Id.ShouldBe(second.SessionId);
    }

    [Fact]
    public async Task A_session_that_opens_nothing_any_more_is_not_listed()
    {
        var (used, ended) = (await _portal.SessionAsync(_cast.Dora), await _portal.SessionAsync(_cast.Dora));
        await _portal.SessionAsync(_cast.Dora);
        await Own.EndAsync(_cast.Dora with { SessionId = used.SessionId }, ended.SessionId);
        _portal.Clock.Advance(TimeSpan.FromMinutes(59));
        await TouchAsync(used);
        _portal.Clock.Advance(TimeSpan.FromMinutes(1));

        (await Own.ListAsync(_cast.Dora with { SessionId = used.SessionId })).Value.Sessions.ShouldHaveSingleItem().Id.ShouldBe(used.SessionId);
    }

    [Fact]
    public async Task Of_thousands_the_last_used_are_listed_and_all_are_counted()
    {
        for (var i = 0; i <= OwnSessions.MostListed; i++)
        {
            await _portal.SessionAsync(_cast.Dora);
        }

        var list = (await Own.ListAsync(_cast.Dora)).Value;
        (list.Sessions.Count, list.Total).ShouldBe((OwnSessions.MostListed, OwnSessions.MostListed + 1));
    }

    [Fact]
    public async Task Ending_one_leaves_the_others_and_an_entry_in_each_organization()
    {
        await JoinUmbraAsync(_cast.Dora);
        var (mine, other, third) = (await _portal.SessionAsync(_cast.Dora), await _portal.SessionAsync(_cast.Dora), await _portal.SessionAsync(_cast.Dora));

        (await Own.EndAsync(_cast.Dora with { SessionId = mine.SessionId }, other.SessionId)).Value.ShouldBeTrue();

        (await LiveAsync(mine), await LiveAsync(other), await LiveAsync(third)).ShouldBe((true, false, true));
        await using var db = _portal.OpenDb();
        (await db.Set<Session>().SingleAsync(s => s.Id == other.SessionId)).EndReason.ShouldBe(SessionEnd.EndedElsewhere);
        var entries = await EndedAsync();
        entries.Select(e => e.OrganizationId).ShouldBe([_cast.AcmeId, _cast.UmbraId], ignoreOrder: true);
        entries.ShouldAllBe(e => e.ActorId == _cast.Dora.Id && e.TargetId == _cast.Dora.Id && e.Outcome == AuditOutcome.Succeeded);
        Encoding.UTF8.GetString(entries[0].Bytes).ShouldContain("\"details\":{\"kind\":\"browser\",\"reason\":\"ended_elsewhere\",\"started_at\":\"2026-11-21T09:00:00.000Z\"}");
    }

    [Fact]
    public async Task Ending_all_others_keeps_the_one_that_asks()
    {
        var (mine, other, third, stranger) =
            (await _portal.SessionAsync(_cast.Dora), await _portal.SessionAsync(_cast.Dora), await _portal.SessionAsync(_cast.Dora), await _portal.SessionAsync(_cast.Dan));
        var asking = _cast.Dora with { SessionId = mine.SessionId };

        (await Own.EndOthersAsync(asking)).Value.ShouldBe(2);
        (await Own.EndOthersAsync(asking)).Value.ShouldBe(0);

        (await LiveAsync(mine), await LiveAsync(other), await LiveAsync(third), await LiveAsync(stranger)).ShouldBe((true, false, false, true));
        Encoding.UTF8.GetString((await EndedAsync()).ShouldHaveSingleItem().Bytes).ShouldContain("\"sessions\":2");
    }

    [Fact]
    public async Task Another_persons_session_does_not_exist_and_goes_on()
    {
        var (dan, olaf) = (await _portal.SessionAsync(_cast.Dan), await _portal.SessionAsync(_cast.Olaf));
        var mine = _cast.Alice with { SessionId = (await _portal.SessionAsync(_cast.Alice)).SessionId };
        var before = await _portal.CountEntriesAsync();

        foreach (var id in (string[])[dan.SessionId, olaf.SessionId, "ses_00000000000000000000000000", ""])
        {
            (await Own.EndAsync(mine, id)).Refusal!.ShouldBe(Refusal.NotFound("session"), id);
        }

        (await LiveAsync(dan), await LiveAsync(olaf)).ShouldBe((true, true));
        (await _portal.CountEntriesAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task A_session_ends_once()
    {
        var other = await _portal.SessionAsync(_cast.Dora);
        (await Own.EndAsync(_cast.Dora, other.SessionId)).Value.ShouldBeTrue();
        (await Own.EndAsync(_cast.Dora, other.SessionId)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await EndedAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_key_has_no_account_of_its_own()
    {
        var other = await _portal.SessionAsync(_cast.Alice);
        var key = _cast.Alice with { Type = ActorType.ApiKey, Id = "key_1", Scopes = [.. OwnScopes.All] };

        (await Own.ListAsync(key)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await Own.EndAsync(key, other.SessionId)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await Own.EndOthersAsync(key)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await _portal.Get<RecentSignIns>().ListAsync(key)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await _portal.Get<OwnAccount>().FindAsync(key)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await LiveAsync(other)).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_still_has_to_set_up_a_second_factor_may_end_sessions()
    {
        var other = await _portal.SessionAsync(_cast.Dora);
        (await Own.EndAsync(_cast.Dora with { MustSetUpSecondFactor = true }, other.SessionId)).Value.ShouldBeTrue();
    }

    [Fact]
    public async Task Recent_sign_ins_tell_what_succeeded_and_what_was_refused_once_each()
    {
        await JoinUmbraAsync(_cast.Dora);
        await SignInAsync("dora@acme.example", "wrong", "198.51.100.7");
        await _portal.SignInFullyAsync("dan@acme.example", new Origin("203.0.113.10", "a browser", null));
        await _portal.SignInFullyAsync("dora@acme.example", new Origin("203.0.113.9", "a browser", null));

        var list = (await _portal.Get<RecentSignIns>().ListAsync(_cast.Dora)).Value;
        list.Select(s => (s.Succeeded, s.Reason, s.Method, s.Ip)).ShouldBe(
            [(true, null, SignInMethod.PasswordAndTotp, "203.0.113.9"), (false, "wrong_password", null, "198.51.100.7")]);
        _portal.Clock.Advance(TimeSpan.FromDays(RecentSignIns.Days));
        (await _portal.Get<RecentSignIns>().ListAsync(_cast.Dora)).Value.ShouldHaveSingleItem().Succeeded.ShouldBeTrue("to the second");
        _portal.Clock.Advance(TimeSpan.FromMilliseconds(1));
        (await _portal.Get<RecentSignIns>().ListAsync(_cast.Dora)).Value.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_account_is_its_address_and_its_places()
    {
        await JoinUmbraAsync(_cast.Dora);
        var account = (await _portal.Get<OwnAccount>().FindAsync(_cast.Dora)).Value;
        (account.Email, account.HasSecondFactor).ShouldBe(("dora@acme.example", true));
        account.Organizations.Select(o => (o.Name, o.Role)).ShouldBe([("Acme Payments", Role.Developer), ("Umbra", Role.Auditor)]);
    }

    private OwnSessions Own => _portal.Get<OwnSessions>();

    private Task<SignInResult> SignInAsync(string email, string password, string ip) =>
        _portal.Get<SignIn>().WithPasswordAsync(email, password, SessionKind.Browser, new Origin(ip, "a browser", RequestId.New(_portal.Clock.Now)));

    private async Task<bool> LiveAsync(SessionReference session) => await _portal.Get<Sessions>().FindLiveAsync(session.SessionId, session.UserId) is not null;

    private async Task TouchAsync(SessionReference session) =>
        await _portal.Get<Sessions>().TouchAsync((await _portal.Get<Sessions>().FindLiveAsync(session.SessionId, session.UserId))!, Origin.None);

    private async Task<List<AuditEntry>> EndedAsync()
    {
        await using var db = _portal.OpenDb();
        return await db.Set<AuditEntry>().AsNoTracking().Where(e => e.Action == "session.ended").ToListAsync();
    }

    private async Task JoinUmbraAsync(Actor person) => (await _portal.Get<Writer>().RunAsync<bool>(write =>
    {
        write.Set<Member>().Add(new Member { OrganizationId = _cast.UmbraId, UserId = person.Id, Name = person.Name, Role = Role.Auditor, JoinedAt = write.Now });
        return Task.FromResult<Outcome<bool>>(true);
    })).Refusal.ShouldBeNull();
}
