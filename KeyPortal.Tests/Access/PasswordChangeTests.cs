using KeyPortal.Access;
using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Access;

public sealed class PasswordChangeTests : IAsyncLifetime
{
    private const string Alice = "alice@acme.example";
    private const string New = "seven quiet lamps burn";

    private readonly PostOffice _post = PostOffice.Open();
    private Portal _portal = null!;
    private Cast _cast = null!;

    public async ValueTask InitializeAsync()
    {
        _portal = new Portal(_post.Settings);
        _cast = await Cast.EnterAsync(_portal);
    }

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        await _post.DisposeAsync();
    }

    [Fact]
    public async Task It_renews_this_session_ends_the_others_and_is_told_and_recorded()
    {
        var (alice, other) = (await ArriveAsync(), await _portal.SessionAsync(_cast.Alice));
        var verified = _portal.Clock.Now;
        _portal.Clock.Advance(TimeSpan.FromMinutes(20));

        var session = (await ChangeAsync(alice, Cast.Password, New)).Value;

        session.SessionId.ShouldNotBe(alice.SessionId);
        session.OrganizationId.ShouldBe(_cast.AcmeId);
        var live = (await _portal.Get<Sessions>().FindLiveAsync(session.SessionId, alice.Id)).ShouldNotBeNull();
        (live.Method, live.VerifiedAt).ShouldBe((SignInMethod.PasswordAndTotp, verified), "a password alone makes nothing fresh");
        (await EndOfAsync(alice.SessionId!)).ShouldBe(SessionEnd.Replaced);
        (await EndOfAsync(other.SessionId)).ShouldBe(SessionEnd.PasswordChanged);
        (await SignInAsync(Cast.Password)).ShouldBe(SignInOutcome.InvalidCredentials);
        (await SignInAsync(New)).ShouldBe(SignInOutcome.SecondFactorRequired);
        (await _post.NextAsync()).Subject.ShouldBe("Your KeyPortal password was changed");
        var entry = (await EntriesAsync()).ShouldHaveSingleItem();
        (entry.ActorId, entry.TargetId, entry.Outcome).ShouldBe((alice.Id, alice.Id, AuditOutcome.Succeeded));
    }

    [Fact]
    public async Task A_wrong_present_password_changes_nothing_and_is_recorded()
    {
        var alice = await ArriveAsync();

        (await ChangeAsync(alice, "wrong password", New)).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/current_password");

        (await _portal.Get<Sessions>().FindLiveAsync(alice.SessionId!, alice.Id)).ShouldNotBeNull();
        (await SignInAsync(Cast.Password)).ShouldBe(SignInOutcome.SecondFactorRequired);
        (await EntriesAsync()).ShouldHaveSingleItem().Outcome.ShouldBe(AuditOutcome.Refused);
    }

    [Fact]
    public async Task Five_wrong_ones_lock_this_for_the_session_and_nobody_out()
    {
        var alice = await ArriveAsync();
        for (var i = 0; i < 5; i++)
        {
            (await ChangeAsync(alice, $"wrong {i}", New)).Refusal!.Code.ShouldBe("validation_failed", $"attempt {i}");
        }

        (await ChangeAsync(alice, Cast.Password, New)).Refusal!.Code.ShouldBe("locked_out");
        (await SignInAsync(Cast.Password)).ShouldBe(SignInOutcome.SecondFactorRequired, "whoever found an open browser locks nobody out");
        _portal.Clock.Advance(WrongPasswords.LockFor);
        (await ChangeAsync(alice, Cast.Password, New)).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Wrong_ones_sent_at_once_each_count()
    {
        var alice = await ArriveAsync();

        var codes = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(async () => (await ChangeAsync(alice, $"wrong {i}", New)).Refusal!.Code)));

        codes.Count(c => c == "validation_failed").ShouldBe(5);
        codes.Count(c => c == "locked_out").ShouldBe(7);
    }

    [Fact]
    public async Task Wrong_ones_are_bounded_by_address_too()
    {
        await using var portal = new Portal(("KeyPortal:Guesses:PerAddress", "2"));
        var cast = await Cast.EnterAsync(portal);
        var change = portal.Get<PasswordChange>();
        foreach (var person in (Actor[])[cast.Andy, cast.Dora])
        {
            (await change.ChangeAsync(await ArriveAsync(portal, person), "wrong password", New)).Refusal!.Code.ShouldBe("validation_failed");
        }

        (await change.ChangeAsync(await ArriveAsync(portal, cast.Alice), Cast.Password, New)).Refusal!.Code.ShouldBe("too_many_attempts");
    }

    [Theory]
    [InlineData("short", "/password")]
    [InlineData("password1234", "/password")]
    [InlineData(Cast.Password, "/password")]
    [InlineData(null, "/password")]
    public async Task The_new_one_keeps_the_rules_and_is_new(string? wanted, string pointer)
    {
        var alice = await ArriveAsync();

        (await ChangeAsync(alice, Cast.Password, wanted)).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe(pointer);
        (await EntriesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_cannot()
    {
        var key = await ArriveAsync() with { Type = ActorType.ApiKey, Scopes = OwnScopes.All };

        (await ChangeAsync(key, Cast.Password, New)).Refusal!.Code.ShouldBe("not_allowed");
        (await SignInAsync(Cast.Password)).ShouldBe(SignInOutcome.SecondFactorRequired);
    }

    [Fact]
    public async Task Who_must_set_up_a_second_factor_first_still_can()
    {
        var alice = await ArriveAsync() with { MustSetUpSecondFactor = true };

        (await ChangeAsync(alice, Cast.Password, New)).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task From_the_server_itself_a_password_is_set_as_an_act_of_the_program()
    {
        var session = await _portal.SessionAsync(_cast.Alice);
        for (var i = 0; i < 5; i++)
        {
            await SignInAsync("wrong password");
        }

        (await _portal.Get<PasswordOverride>().SetAsync("Alice@ACME.example", New)).Value.ShouldBe(1);

        (await SignInAsync(New)).ShouldBe(SignInOutcome.SecondFactorRequired);
        (await EndOfAsync(session.SessionId)).ShouldBe(SessionEnd.PasswordChanged);
        (await EntriesAsync("member.password_reset")).ShouldHaveSingleItem().ActorId.ShouldBe("system");
        (await _portal.Get<PasswordOverride>().SetAsync("nobody@acme.example", New)).Refusal!.Code.ShouldBe("not_found");
        (await _portal.Get<PasswordOverride>().SetAsync(Alice, "password1234")).Refusal!.Code.ShouldBe("validation_failed");
    }

    private Task<Actor> ArriveAsync() => ArriveAsync(_portal, _cast.Alice);

    private static async Task<Actor> ArriveAsync(Portal portal, Actor person) => person with { SessionId = (await portal.SessionAsync(person)).SessionId };

    private Task<Outcome<SessionReference>> ChangeAsync(Actor actor, string? current, string? wanted) => _portal.Get<PasswordChange>().ChangeAsync(actor, current, wanted);

    private async Task<SignInOutcome> SignInAsync(string password) => (await _portal.Get<SignIn>().WithPasswordAsync(Alice, password, SessionKind.Browser, Origin.None)).Outcome;

    private async Task<SessionEnd?> EndOfAsync(string sessionId)
    {
        await using var db = _portal.OpenDb();
        return (await db.Set<Session>().AsNoTracking().SingleAsync(s => s.Id == sessionId)).EndReason;
    }

    private async Task<List<AuditEntry>> EntriesAsync(string action = "member.password_changed")
    {
        await using var db = _portal.OpenDb();
        return await db.Set<AuditEntry>().AsNoTracking().Where(e => e.Action == action).ToListAsync();
    }
}
