using KeyPortal.Access;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Access;

public sealed class PasswordRecoveryTests : IAsyncLifetime
{
    private const string Alice = "alice@acme.example";
    private const string Nobody = "nobody@acme.example";
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
    public async Task A_mailed_link_sets_a_new_password_ends_every_session_and_is_told_and_recorded()
    {
        await JoinAsync(_cast.Alice, _cast.UmbraId, "Alice at Umbra");
        var browser = await _portal.SessionAsync(_cast.Alice);
        var program = (await _portal.Get<SessionBeginning>().BeginAsync(_cast.Alice.Id, SessionKind.Api, SignInMethod.PasswordAndTotp, Origin.None)).Value;
        var token = await AskAsync("ALICE@Acme.example");

        (await ResetAsync(token, New)).Refusal.ShouldBeNull();

        (await SignInAsync(Cast.Password)).ShouldBe(SignInOutcome.InvalidCredentials);
        (await SignInAsync(New)).ShouldBe(SignInOutcome.SecondFactorRequired);
        foreach (var session in (SessionReference[])[browser, program])
        {
            (await _portal.Get<Sessions>().FindLiveAsync(session.SessionId, _cast.Alice.Id)).ShouldBeNull();
        }

        await using (var db = _portal.OpenDb())
        {
            (await db.Set<Session>().Where(s => s.EndReason == SessionEnd.PasswordChanged).CountAsync()).ShouldBe(2);
        }

        var notice = await _post.NextAsync();
        (notice.To, notice.Subject).ShouldBe((Alice, "Your KeyPortal password was changed"));
        notice.Text.ShouldContain("203.0.113.9");
        notice.Text.ShouldContain("http://localhost/forgot-password");
        foreach (var organization in (string[])[_cast.AcmeId, _cast.UmbraId])
        {
            var entry = (await EntriesAsync("member.password_reset")).Where(e => e.OrganizationId == organization).ShouldHaveSingleItem();
            (entry.ActorId, entry.TargetId, entry.Outcome).ShouldBe((_cast.Alice.Id, _cast.Alice.Id, AuditOutcome.Succeeded));
        }
    }

    [Fact]
    public async Task The_mail_says_who_it_is_for_where_it_leads_and_for_how_long()
    {
        await AskOnlyAsync(Alice);

        var mail = await _post.NextAsync();

        (mail.To, mail.Subject).ShouldBe((Alice, "Set a new KeyPortal password"));
        mail.Text.ShouldStartWith("Hello Alice,");
        mail.Text.ShouldContain("30 minutes");
        mail.Text.ShouldMatch("http://localhost/reset-password#[A-Za-z0-9_-]{43}\n");
    }

    [Fact]
    public async Task Whoever_is_a_member_nowhere_any_more_but_invited_gets_a_link_too()
    {
        await using (var db = _portal.OpenDb())
        {
            await db.Set<Member>().Where(m => m.UserId == _cast.Dora.Id).ExecuteUpdateAsync(m => m.SetProperty(x => x.State, MemberState.Removed));
        }

        await AskOnlyAsync("dora@acme.example");
        await _portal.InvitedAsync(_cast.Olaf, "dora@acme.example");
        await AskOnlyAsync("dora@acme.example");

        (await _post.NextAsync()).Subject.ShouldBe("Olaf invites you to Umbra", "no link before the invitation");
        var token = (await _post.NextAsync()).Fragment;
        (await ResetAsync(token, New)).Refusal.ShouldBeNull();
        (await _portal.Get<SignIn>().WithPasswordAsync("dora@acme.example", New, SessionKind.Browser, Origin.None)).Outcome.ShouldBe(SignInOutcome.SecondFactorRequired);
    }

    [Fact]
    public async Task A_link_works_once()
    {
        var token = await AskAsync(Alice);
        (await ResetAsync(token, New)).Refusal.ShouldBeNull();

        (await ResetAsync(token, "another good one: teapot")).Refusal!.Code.ShouldBe("link_not_good");
        (await SignInAsync(New)).ShouldBe(SignInOutcome.SecondFactorRequired);
    }

    [Fact]
    public async Task Of_twenty_uses_at_once_one_wins()
    {
        var token = await AskAsync(Alice);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => ResetAsync(token, $"{New} number {i}"))));

        outcomes.Count(o => o.Refusal is null).ShouldBe(1);
        outcomes.Where(o => o.Refusal is not null).ShouldAllBe(o => o.Refusal!.Code == "link_not_good" || o.Refusal.Code == "busy");
        (await SignInAsync($"{New} number {Array.FindIndex(outcomes, o => o.Refusal is null)}")).ShouldBe(SignInOutcome.SecondFactorRequired);
        (await EntriesAsync("member.password_reset")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_link_is_good_for_half_an_hour()
    {
        var token = await AskAsync(Alice);
        _portal.Clock.Advance(PasswordRecovery.GoodFor - TimeSpan.FromMilliseconds(1));
        (await ResetAsync(token, "short")).Refusal!.Code.ShouldBe("validation_failed", "it is still good");

        _portal.Clock.Advance(TimeSpan.FromMilliseconds(1));
        (await ResetAsync(token, New)).Refusal!.Code.ShouldBe("link_not_good");
        (await SignInAsync(Cast.Password)).ShouldBe(SignInOutcome.SecondFactorRequired);
    }

    [Fact]
    public async Task A_used_link_voids_the_others_of_its_account_and_no_one_elses()
    {
        var (first, second, andys) = (await AskAsync(Alice), await AskAsync(Alice), await AskAsync("andy@acme.example"));
        (await ResetAsync(second, New)).Refusal.ShouldBeNull();

        (await ResetAsync(first, "another good one: teapot")).Refusal!.Code.ShouldBe("link_not_good");
        (await ResetAsync(andys, "another good one: teapot")).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task It_unlocks_a_locked_account_and_leaves_the_second_factor()
    {
        for (var i = 0; i < 5; i++)
        {
            await SignInAsync("wrong password");
        }

        (await SignInAsync(Cast.Password)).ShouldBe(SignInOutcome.LockedOut);
        (await ResetAsync(await AskAsync(Alice), New)).Refusal.ShouldBeNull();

        (await SignInAsync(New)).ShouldBe(SignInOutcome.SecondFactorRequired);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("password1234")]
    [InlineData("acme payments alice")]
    [InlineData(null)]
    public async Task A_password_against_the_rules_is_refused_and_the_link_stays_good(string? password)
    {
        var token = await AskAsync(Alice);

        (await ResetAsync(token, password)).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/password");
        (await ResetAsync(token, New)).Refusal.ShouldBeNull();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("guess")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task What_is_no_link_opens_nothing(string? token) => (await ResetAsync(token, New)).Refusal!.Code.ShouldBe("link_not_good");

    [Fact]
    public async Task An_account_is_mailed_three_links_an_hour_and_the_answer_stays_the_same()
    {
        for (var i = 0; i < 5; i++)
        {
            await AskOnlyAsync(Alice);
        }

        for (var i = 0; i < 3; i++)
        {
            (await _post.NextAsync()).Subject.ShouldBe("Set a new KeyPortal password");
        }

        await Mail.OutboxTests.EmptyAsync(_portal);
        _post.Take().ShouldBeNull();
        _portal.Clock.Advance(TimeSpan.FromHours(1));
        await AskOnlyAsync(Alice);
        (await _post.NextAsync()).To.ShouldBe(Alice);
    }

    [Theory]
    [InlineData(Nobody)]
    [InlineData("")]
    [InlineData("no address at all")]
    [InlineData("a\0@acme.example")]
    [InlineData("ghost@acme.example")]
    public async Task Where_there_is_no_member_the_answer_is_the_same_and_nobody_is_mailed(string email)
    {
        await using (var db = _portal.OpenDb())
        {
            // An account that is nowhere a member any more is as good as none.
            await db.Set<Member>().Where(m => m.UserId == _cast.Dan.Id).ExecuteUpdateAsync(m => m.SetProperty(x => x.State, MemberState.Removed));
        }

        await AskOnlyAsync(email == "ghost@acme.example" ? "dan@acme.example" : email);

        await Mail.OutboxTests.EmptyAsync(_portal);
        _post.Take().ShouldBeNull();
    }

    [Theory]
    [InlineData(Alice)]
    [InlineData(Nobody)]
    public async Task Asking_waits_for_the_disk_whether_or_not_there_is_such_an_account(string email)
    {
        using var onlooker = new Onlooker(_portal);
        var before = onlooker.CommitsSeen();

        await AskOnlyAsync(email);

        onlooker.CommitsSeen().ShouldNotBe(before);
    }

    [Theory]
    [InlineData(Alice)]
    [InlineData(Nobody)]
    public async Task An_address_that_asks_too_often_is_refused_whatever_it_asks_for(string email)
    {
        await using var portal = new Portal(("KeyPortal:Guesses:PerAddress", "4"));
        await Cast.EnterAsync(portal);
        var recovery = portal.Get<PasswordRecovery>();
        for (var i = 0; i < 4; i++)
        {
            (await recovery.AskAsync(email, new Origin("203.0.113.9", null, null))).Refusal.ShouldBeNull();
        }

        (await recovery.AskAsync(email, new Origin("203.0.113.9", null, null))).Refusal!.Code.ShouldBe("too_many_attempts");
        (await recovery.ResetAsync("guess", New, new Origin("203.0.113.9", null, null))).Refusal!.Code.ShouldBe("too_many_attempts");
        (await recovery.AskAsync(email, new Origin("203.0.113.10", null, null))).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task No_token_lies_in_the_database()
    {
        var token = await AskAsync(Alice);
        await using var db = _portal.OpenDb();
        var row = await db.Set<PasswordReset>().SingleAsync();

        row.TokenHash.ShouldBe(SecretToken.TryParse(token)!.Hash);
        SqliteConnection.ClearAllPools();
        var files = Directory.GetFiles(_portal.DataDirectory, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "lock");
        foreach (var file in files)
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            (await reader.ReadToEndAsync()).ShouldNotContain(token);
        }
    }

    /// <summary>Asks, and takes the token out of the mail.</summary>
    private async Task<string> AskAsync(string email)
    {
        await AskOnlyAsync(email);
        return (await _post.NextAsync()).Fragment;
    }

    private async Task AskOnlyAsync(string email) => (await _portal.Get<PasswordRecovery>().AskAsync(email, new Origin("203.0.113.9", "a browser", "req_1"))).Refusal.ShouldBeNull();

    private Task<Outcome<bool>> ResetAsync(string? token, string? password) => _portal.Get<PasswordRecovery>().ResetAsync(token, password, new Origin("203.0.113.9", "a browser", "req_1"));

    private async Task<SignInOutcome> SignInAsync(string password) => (await _portal.Get<SignIn>().WithPasswordAsync(Alice, password, SessionKind.Browser, Origin.None)).Outcome;

    private async Task JoinAsync(Actor person, string organizationId, string name) => (await _portal.Get<Writer>().RunAsync<bool>(write =>
    {
        write.Set<Member>().Add(new Member { OrganizationId = organizationId, UserId = person.Id, Name = name, Role = Role.Auditor, JoinedAt = write.Now });
        return Task.FromResult<Outcome<bool>>(true);
    })).Refusal.ShouldBeNull();

    private async Task<List<AuditEntry>> EntriesAsync(string action)
    {
        await using var db = _portal.OpenDb();
        return await db.Set<AuditEntry>().AsNoTracking().Where(e => e.Action == action).ToListAsync();
    }
}
