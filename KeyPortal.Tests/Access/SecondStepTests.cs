using KeyPortal.Access;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Access;

/// <summary>A right password and then a factor. Alice signs in; each test has its own portal, for codes are spent.</summary>
public sealed class SecondStepTests : IAsyncLifetime
{
    private const string Email = "alice@acme.example";
    private static readonly Origin From = new("203.0.113.9", "a browser", "req_1");
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    private SecondStep Step => _portal.Get<SecondStep>();

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Theory]
    [InlineData(SessionKind.Browser)]
    [InlineData(SessionKind.Api)]
    public async Task The_apps_code_begins_a_session_with_a_second_factor(SessionKind kind)
    {
        var done = (await Step.WithCodeAsync(await ChallengeAsync(kind), Cast.CodeNow(_portal), kind, From)).Value;

        var session = (await _portal.Get<Sessions>().FindLiveAsync(done.Session.SessionId, _cast.Alice.Id)).ShouldNotBeNull();
        (session.Kind, session.Method, session.HasSecondFactor, session.Ip).ShouldBe((kind, SignInMethod.PasswordAndTotp, true, From.Ip));
        done.Session.OrganizationId.ShouldBe(_cast.AcmeId);
        done.RecoveryCodesLeft.ShouldBeNull();
        (await _portal.EntriesAsync(_cast.Alice.Id)).Select(e => e.Action).ShouldBe(["session.started"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public async Task Of_twenty_uses_of_one_code_at_once_a_single_one_gets_in(int challenges)
    {
        var tokens = new List<string>();
        for (var i = 0; i < challenges; i++)
        {
            tokens.Add(await ChallengeAsync());
        }

        var code = Cast.CodeNow(_portal);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => Step.WithCodeAsync(tokens[i % challenges], code, SessionKind.Browser, From))));

        outcomes.Count(o => o.Refusal is null).ShouldBe(1);
        outcomes.Count(o => o.Refusal?.Code == (challenges == 1 ? "challenge_expired" : "invalid_code")).ShouldBe(19);
        await using var db = _portal.OpenDb();
        (await db.Set<Session>().CountAsync()).ShouldBe(1);

        _portal.Clock.Advance(TimeSpan.FromSeconds(Totp.StepSeconds));
        (await TryAsync(Cast.CodeNow(_portal))).ShouldBeNull("a code that was right once is no guess: nobody is locked out by sending it twice");
    }

    [Fact]
    public async Task A_code_and_those_before_it_are_spent_and_the_next_is_not()
    {
        var now = _portal.Clock.Now;
        string At(int steps) => Cast.CodeAt(now.AddSeconds(steps * Totp.StepSeconds));

        (await TryAsync(At(0))).ShouldBeNull();
        (await TryAsync(At(0))).ShouldBe("invalid_code");
        (await TryAsync(At(-1))).ShouldBe("invalid_code");
        (await TryAsync(At(2))).ShouldBe("invalid_code");
        (await TryAsync(At(1))).ShouldBeNull();
        _portal.Clock.Advance(TimeSpan.FromSeconds(Totp.StepSeconds));
        (await TryAsync(At(1))).ShouldBe("invalid_code");
    }

    [Fact]
    public async Task Five_wrong_codes_lock_for_fifteen_minutes_and_right_passwords_do_not_help()
    {
        for (var i = 0; i < SecondFactorCheck.Most; i++)
        {
            // Each attempt begins with a right password.
            (await TryAsync("000000")).ShouldBe("invalid_code", $"attempt {i + 1}");
        }

        (await TryAsync(Cast.CodeNow(_portal))).ShouldBe("locked");
        _portal.Clock.Advance(SecondFactorCheck.LockFor - TimeSpan.FromMilliseconds(1));
        (await TryAsync(Cast.CodeNow(_portal))).ShouldBe("locked");
        _portal.Clock.Advance(TimeSpan.FromMilliseconds(1));
        (await TryAsync(Cast.CodeNow(_portal))).ShouldBeNull();
        (await _portal.EntriesAsync(_cast.Alice.Id)).Select(e => e.Action).ShouldBe([.. Enumerable.Repeat("session.refused", 7), "session.started"]);
    }

    [Fact]
    public async Task Each_lock_is_told_by_one_mail_that_says_what_to_do()
    {
        await using var post = PostOffice.Open();
        await using var portal = new Portal(post.Settings);
        await Cast.EnterAsync(portal);
        async Task GuessAsync(int times)
        {
            for (var i = 0; i < times; i++)
            {
                var pending = (await portal.Get<SignIn>().WithPasswordAsync(Email, Cast.Password, SessionKind.Browser, From)).Pending!.Token.Expose();
                await portal.Get<SecondStep>().WithCodeAsync(pending, "000000", SessionKind.Browser, From);
            }
        }

        await GuessAsync(SecondFactorCheck.Most + 4);
        portal.Clock.Advance(SecondFactorCheck.LockFor);
        await GuessAsync(SecondFactorCheck.Most - 1);
        await portal.Get<PasswordRecovery>().AskAsync(Email, From);
        await GuessAsync(1);

        var (first, second, third) = (await post.NextAsync(), await post.NextAsync(), await post.NextAsync());
        (first.To, first.Subject).ShouldBe((Email, "Wrong codes for your KeyPortal account"));
        first.Text.ShouldContain("203.0.113.9");
        first.Text.ShouldContain("http://localhost/forgot-password");
        (second.Subject, third.Subject).ShouldBe(("Set a new KeyPortal password", first.Subject), "nothing between the locks");
    }

    [Fact]
    public async Task Wrong_codes_sent_at_once_each_count()
    {
        var token = await ChallengeAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => Step.WithCodeAsync(token, $"{i:D6}", SessionKind.Browser, From))));

        outcomes.Count(o => o.Refusal!.Code == "invalid_code").ShouldBe(SecondFactorCheck.Most);
        outcomes.Count(o => o.Refusal!.Code == "locked").ShouldBe(20 - SecondFactorCheck.Most);
    }

    [Fact]
    public async Task A_right_code_starts_the_count_again()
    {
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < SecondFactorCheck.Most - 1; i++)
            {
                (await TryAsync(i % 2 == 0 ? "000000" : null)).ShouldBe("invalid_code");
            }

            _portal.Clock.Advance(TimeSpan.FromSeconds(Totp.StepSeconds));
            (await TryAsync(Cast.CodeNow(_portal))).ShouldBeNull();
        }
    }

    [Fact]
    public async Task A_recovery_code_works_once_however_it_is_typed_and_tells_how_many_are_left()
    {
        var codes = await RecoveryCodesAsync();
        var typed = codes[3].ToUpperInvariant().Replace('-', ' ').Replace('0', 'O').Replace('1', 'l');

        var done = (await Step.WithRecoveryCodeAsync(await ChallengeAsync(), typed, SessionKind.Browser, From)).Value;

        done.RecoveryCodesLeft.ShouldBe(9);
        (await _portal.Get<Sessions>().FindLiveAsync(done.Session.SessionId, _cast.Alice.Id))!.Method.ShouldBe(SignInMethod.PasswordAndRecoveryCode);
        (await Step.WithRecoveryCodeAsync(await ChallengeAsync(), codes[3], SessionKind.Browser, From)).Refusal!.Code.ShouldBe("invalid_code");
        (await Step.WithRecoveryCodeAsync(await ChallengeAsync(), codes[4], SessionKind.Browser, From)).Value.RecoveryCodesLeft.ShouldBe(8);
    }

    [Fact]
    public async Task Of_twenty_uses_of_one_recovery_code_at_once_a_single_one_gets_in()
    {
        var code = (await RecoveryCodesAsync())[0];
        var tokens = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            tokens.Add(await ChallengeAsync());
        }

        var outcomes = await Task.WhenAll(tokens.Select(token => Task.Run(() => Step.WithRecoveryCodeAsync(token, code, SessionKind.Browser, From))));

        outcomes.Count(o => o.Refusal is null).ShouldBe(1);
    }

    [Fact]
    public async Task New_recovery_codes_kill_the_old_ones_and_another_persons_never_work()
    {
        var old = await RecoveryCodesAsync();
        await RecoveryCodesAsync();
        (await Step.WithRecoveryCodeAsync(await ChallengeAsync(), old[0], SessionKind.Browser, From)).Refusal!.Code.ShouldBe("invalid_code");

        var others = await RecoveryCodesAsync(_cast.Andy);
        (await Step.WithRecoveryCodeAsync(await ChallengeAsync(), others[0], SessionKind.Browser, From)).Refusal!.Code.ShouldBe("invalid_code");
    }

    [Fact]
    public async Task A_challenge_waits_five_minutes_for_its_own_kind_of_session_and_serves_once()
    {
        var token = await ChallengeAsync();
        (await Step.WithCodeAsync(token, Cast.CodeNow(_portal), SessionKind.Api, From)).Refusal!.Code.ShouldBe("challenge_expired");
        (await Step.WithCodeAsync(token[1..] + "A", Cast.CodeNow(_portal), SessionKind.Browser, From)).Refusal!.Code.ShouldBe("challenge_expired");
        foreach (var none in (string?[])[null, "", "no token", new string('x', 10_000)])
        {
            (await Step.WithCodeAsync(none, Cast.CodeNow(_portal), SessionKind.Browser, From)).Refusal!.Code.ShouldBe("challenge_expired");
        }

        _portal.Clock.Advance(SignIn.ChallengeLifetime - TimeSpan.FromMilliseconds(1));
        (await Step.FindAsync(token, SessionKind.Browser)).ShouldNotBeNull().Methods.ShouldBe([SecondFactorMethod.Totp]);
        _portal.Clock.Advance(TimeSpan.FromMilliseconds(1));
        (await Step.WithCodeAsync(token, Cast.CodeNow(_portal), SessionKind.Browser, From)).Refusal!.Code.ShouldBe("challenge_expired");
        (await Step.FindAsync(token, SessionKind.Browser)).ShouldBeNull();
    }

    [Fact]
    public async Task Ending_all_sessions_also_ends_what_is_half_signed_in()
    {
        var token = await ChallengeAsync();
        await _portal.Get<Writer>().RunAsync<int>(async write => await Sessions.EndAllAsync(write, _cast.Alice.Id, SessionEnd.PasswordChanged));

        (await Step.WithCodeAsync(token, Cast.CodeNow(_portal), SessionKind.Browser, From)).Refusal!.Code.ShouldBe("challenge_expired");
    }

    [Fact]
    public async Task Whoever_is_no_member_any_more_does_not_get_in_and_the_code_stays_good()
    {
        var token = await ChallengeAsync();
        await using var db = _portal.OpenDb();
        await db.Set<Member>().Where(m => m.UserId == _cast.Alice.Id).ExecuteUpdateAsync(m => m.SetProperty(x => x.State, MemberState.Disabled));

        (await Step.WithCodeAsync(token, Cast.CodeNow(_portal), SessionKind.Browser, From)).Refusal!.Kind.ShouldBe(RefusalKind.Unauthenticated);
        await db.Set<Member>().ExecuteUpdateAsync(m => m.SetProperty(x => x.State, MemberState.Active));
        (await Step.WithCodeAsync(token, Cast.CodeNow(_portal), SessionKind.Browser, From)).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task One_address_may_guess_so_often_and_right_codes_do_not_count()
    {
        await using var portal = new Portal(("KeyPortal:Guesses:PerAddress", "3"));
        await Cast.EnterAsync(portal);
        for (var i = 0; i < 5; i++)
        {
            await portal.SignInFullyAsync(Email, From);
        }

        var pending = (await portal.Get<SignIn>().WithPasswordAsync(Email, Cast.Password, SessionKind.Browser, From)).Pending!.Token.Expose();
        for (var i = 0; i < 3; i++)
        {
            (await portal.Get<SecondStep>().WithCodeAsync(pending, "000000", SessionKind.Browser, From)).Refusal!.Code.ShouldBe("invalid_code");
        }

        (await portal.Get<SecondStep>().WithCodeAsync(pending, "000000", SessionKind.Browser, From)).Refusal.ShouldBe(GuessLimits.TooMany);
        (await portal.Get<SecondStep>().WithCodeAsync(pending, "000000", SessionKind.Browser, From with { Ip = "203.0.113.10" })).Refusal!.Code.ShouldBe("invalid_code");
    }

    [Fact]
    public async Task A_secret_that_the_ring_cannot_open_lets_no_code_in_but_a_recovery_code()
    {
        var codes = await RecoveryCodesAsync();
        await using var db = _portal.OpenDb();
        var andys = await db.Set<SecondFactor>().Where(f => f.UserId == _cast.Andy.Id).Select(f => f.TotpSecret).SingleAsync();
        await db.Set<SecondFactor>().Where(f => f.UserId == _cast.Alice.Id).ExecuteUpdateAsync(f => f.SetProperty(x => x.TotpSecret, andys));

        (await TryAsync(Cast.CodeNow(_portal))).ShouldBe("invalid_code", "a sealed secret is bound to its account");
        (await Step.WithRecoveryCodeAsync(await ChallengeAsync(), codes[0], SessionKind.Browser, From)).Refusal.ShouldBeNull();
    }

    /// <summary>A right password.</summary>
    private async Task<string> ChallengeAsync(SessionKind kind = SessionKind.Browser) =>
        (await _portal.Get<SignIn>().WithPasswordAsync(Email, Cast.Password, kind, From)).Pending.ShouldNotBeNull().Token.Expose();

    /// <summary>A right password and this code; the refusal's code, or null.</summary>
    private async Task<string?> TryAsync(string? code) => (await Step.WithCodeAsync(await ChallengeAsync(), code, SessionKind.Browser, From)).Refusal?.Code;

    private async Task<IReadOnlyList<string>> RecoveryCodesAsync(Actor? person = null) =>
        (await _portal.Get<Writer>().RunAsync<PlainRecoveryCodes>(async write => await RecoveryCodes.IssueAsync(write, (person ?? _cast.Alice).Id))).Value.Expose();
}
