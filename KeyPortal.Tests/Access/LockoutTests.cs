using KeyPortal.Access;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Access;

/// <summary>An e-mail without an account behaves as one with an account, to the last answer.</summary>
public sealed class LockoutTests
{
    private const string Known = "alice@acme.example";
    private const string Unknown = "nobody@acme.example";

    [Theory]
    [InlineData(Known)]
    [InlineData(Unknown)]
    public async Task Five_wrong_passwords_lock_for_fifteen_minutes(string email)
    {
        await using var portal = new Portal();
        await Cast.EnterAsync(portal);
        for (var i = 0; i < 5; i++)
        {
            (await SignInAsync(portal, email, "wrong password")).ShouldBe(SignInOutcome.InvalidCredentials, $"attempt {i + 1}");
        }

        (await SignInAsync(portal, email, "wrong password")).ShouldBe(SignInOutcome.LockedOut);
        (await SignInAsync(portal, email.ToUpperInvariant(), Cast.Password)).ShouldBe(SignInOutcome.LockedOut);

        portal.Clock.Advance(WrongPasswords.LockFor - TimeSpan.FromMilliseconds(1));
        (await SignInAsync(portal, email, Cast.Password)).ShouldBe(SignInOutcome.LockedOut);
        portal.Clock.Advance(TimeSpan.FromMilliseconds(1));
        (await SignInAsync(portal, email, Cast.Password)).ShouldBe(email == Known ? SignInOutcome.SecondFactorRequired : SignInOutcome.InvalidCredentials);
    }

    [Fact]
    public async Task A_right_password_starts_the_count_again()
    {
        await using var portal = new Portal();
        await Cast.EnterAsync(portal);
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 4; i++)
            {
                (await SignInAsync(portal, Known, "wrong password")).ShouldBe(SignInOutcome.InvalidCredentials);
            }

            (await SignInAsync(portal, Known, Cast.Password)).ShouldBe(SignInOutcome.SecondFactorRequired);
        }
    }

    [Fact]
    public async Task Wrong_passwords_sent_at_once_each_count()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => SignInAsync(portal, Known, $"guess {i}"))));

        outcomes.Count(o => o == SignInOutcome.InvalidCredentials).ShouldBe(5);
        outcomes.Count(o => o == SignInOutcome.LockedOut).ShouldBe(15);
        (await SignInAsync(portal, Known, Cast.Password)).ShouldBe(SignInOutcome.LockedOut);
        (await SessionsAsync(portal, cast.AcmeId)).Count.ShouldBe(5);
    }

    [Theory]
    [InlineData(Known, true)]
    [InlineData(Known, false)]
    [InlineData(Unknown, true)]
    [InlineData("", true)]
    [InlineData("a\0@acme.example", true)]
    public async Task What_no_password_or_address_can_be_is_refused_alike_and_locks_nobody(string email, bool tooLong)
    {
        await using var portal = new Portal();
        await Cast.EnterAsync(portal);
        for (var i = 0; i < 7; i++)
        {
            (await SignInAsync(portal, tooLong ? email : email + new string('x', Email.MaxLength), new string('x', tooLong ? PasswordSettings.MaxLength + 1 : 20)))
                .ShouldBe(SignInOutcome.InvalidCredentials);
        }

        (await SignInAsync(portal, Known, Cast.Password)).ShouldBe(SignInOutcome.SecondFactorRequired);
    }

    [Fact]
    public async Task Half_a_character_in_an_address_is_refused_like_any_wrong_one()
    {
        await using var portal = new Portal();
        await Cast.EnterAsync(portal);
        (await SignInAsync(portal, "\ud800@acme.example", Cast.Password)).ShouldBe(SignInOutcome.InvalidCredentials);
    }

    [Fact]
    public async Task A_sign_in_is_recorded_in_every_organization_of_the_member()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        (await portal.Get<Writer>().RunAsync<bool>(write =>
        {
            write.Set<Member>().Add(new Member { OrganizationId = cast.UmbraId, UserId = cast.Alice.Id, Name = "Alice at Umbra", Role = Role.Auditor, JoinedAt = write.Now });
            return Task.FromResult<Outcome<bool>>(true);
        })).Refusal.ShouldBeNull();

        var session = await portal.SignInFullyAsync(Known, new Origin("203.0.113.9", "a browser", "req_1"));
        await SignInAsync(portal, Known, "wrong password");
        await portal.Get<SignIn>().EndAsync(cast.Alice.Id, session.SessionId, Origin.None);

        (session.UserId, session.OrganizationId).ShouldBe((cast.Alice.Id, cast.AcmeId), "the first of hers by name");
        foreach (var organization in (string[])[cast.AcmeId, cast.UmbraId])
        {
            var entries = await SessionsAsync(portal, organization);
            entries.Select(e => (e.Action, e.Outcome)).ShouldBe(
            [
                ("session.started", AuditOutcome.Succeeded), ("session.refused", AuditOutcome.Refused), ("session.ended", AuditOutcome.Succeeded),
            ]);
            entries.ShouldAllBe(e => e.ActorId == cast.Alice.Id && e.TargetId == cast.Alice.Id);
        }
    }

    [Fact]
    public async Task An_account_without_an_organization_does_not_get_in()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        await using (var db = portal.OpenDb())
        {
            await db.Set<Member>().Where(m => m.UserId == cast.Alice.Id).ExecuteDeleteAsync();
        }

        (await SignInAsync(portal, Known, Cast.Password)).ShouldBe(SignInOutcome.InvalidCredentials);
    }

    [Fact]
    public void Unknown_addresses_are_remembered_up_to_a_bound()
    {
        var unknown = new UnknownEmails(most: 1, TimeSpan.FromMinutes(15));
        for (var i = 0; i < 25_000; i++)
        {
            unknown.Count($"{i}@example.com", TestClock.Start);
            unknown.Remembers.ShouldBeLessThanOrEqualTo(10_000);
        }

        unknown.IsLocked("24999@example.com", TestClock.Start).ShouldBeTrue();
    }

    [Fact]
    public async Task Slow_hashes_run_a_few_at_a_time_and_whoever_waits_too_long_is_told()
    {
        using var gate = new SlowHashGate(atOnce: 2, longestWait: TimeSpan.FromMilliseconds(20));
        using var release = new ManualResetEventSlim();
        using var entered = new CountdownEvent(2);
        var running = Enumerable.Range(0, 2).Select(_ => gate.TryRunAsync(() =>
        {
            entered.Signal();
            release.Wait();
            return 1;
        }, CancellationToken.None)).ToList();
        entered.Wait(TestContext.Current.CancellationToken);

        (await gate.TryRunAsync(() => 2, CancellationToken.None)).ShouldBe((false, 0));
        release.Set();
        (await Task.WhenAll(running)).ShouldAllBe(r => r.Entered && r.Result == 1);

        await Should.ThrowAsync<FormatException>(() => gate.TryRunAsync<int>(() => throw new FormatException(), CancellationToken.None));
        (await gate.TryRunAsync(() => 3, CancellationToken.None)).ShouldBe((true, 3), "a place is given back whatever happens in it");
    }

    private static async Task<SignInOutcome> SignInAsync(Portal portal, string email, string password) =>
        (await portal.Get<SignIn>().WithPasswordAsync(email, password, SessionKind.Browser, Origin.None)).Outcome;

    private static async Task<List<AuditEntry>> SessionsAsync(Portal portal, string organizationId)
    {
        await using var db = portal.OpenDb();
        return await db.Set<AuditEntry>().AsNoTracking().Where(e => e.OrganizationId == organizationId && e.Action.StartsWith("session.")).OrderBy(e => e.Index).ToListAsync();
    }
}
