using System.Security.Cryptography;
using KeyPortal.Access;
using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Access;

public sealed class SweeperTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task A_session_goes_ninety_days_after_its_end_and_its_refresh_tokens_with_it()
    {
        var (ended, expired) = (await _portal.SessionAsync(_cast.Dora), await _portal.SessionAsync(_cast.Dan));
        await AddAsync(new RefreshToken { TokenHash = Hash(), SessionId = ended.SessionId, IssuedAt = TestClock.Start, ExpiresAt = TestClock.Start.AddHours(12) });
        await _portal.Get<OwnSessions>().EndAsync(_cast.Dora, ended.SessionId);

        _portal.Clock.Set(TestClock.Start + Sweeper.KeepEnded);
        (await SweepAsync()).ShouldBe(0);
        (await CountAsync<RefreshToken>()).ShouldBe(1);
        _portal.Clock.Advance(TimeSpan.FromSeconds(1));
        (await SweepAsync()).ShouldBe(1, "the one that was ended");
        (await CountAsync<RefreshToken>()).ShouldBe(0);
        _portal.Clock.Set(TestClock.Start.AddHours(12) + Sweeper.KeepEnded + TimeSpan.FromSeconds(1));
        (await SweepAsync()).ShouldBe(1, $"{expired.SessionId} at its absolute end");
        (await CountAsync<Session>()).ShouldBe(0);
    }

    [Fact]
    public async Task Challenges_and_password_links_go_a_day_after_they_are_worth_nothing()
    {
        var end = TestClock.Start.AddMinutes(30);
        await AddAsync(new SignInChallenge { TokenHash = Hash(), UserId = _cast.Dora.Id, Kind = SessionKind.Browser, ExpiresAt = end });
        await AddAsync(new PasswordReset { TokenHash = Hash(), UserId = _cast.Dora.Id, ExpiresAt = end });
        _portal.Clock.Set(end + Sweeper.KeepSpent);
        (await SweepAsync()).ShouldBe(0);
        _portal.Clock.Advance(TimeSpan.FromSeconds(1));
        (await SweepAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task An_invitation_goes_ninety_days_after_its_link_ended()
    {
        await AddAsync(new Invitation
        {
            Id = EntityId.New(Invitation.IdPrefix, TestClock.Start),
            OrganizationId = _cast.AcmeId,
            Email = "new@acme.example",
            NormalizedEmail = "NEW@ACME.EXAMPLE",
            Role = Role.Developer,
            TokenHash = Hash(),
            InvitedBy = _cast.Alice.Id,
            CreatedAt = TestClock.Start,
            ExpiresAt = TestClock.Start + Invitation.GoodFor,
        });
        _portal.Clock.Set(TestClock.Start + Invitation.GoodFor + Sweeper.KeepEnded);
        (await SweepAsync()).ShouldBe(0);
        _portal.Clock.Advance(TimeSpan.FromSeconds(1));
        (await SweepAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task What_is_still_good_stays_and_so_does_everything_else()
    {
        var key = await _portal.KeyAsync(_cast.Dora);
        _portal.Clock.Advance(TimeSpan.FromDays(400));
        var live = await _portal.SessionAsync(_cast.Dora);
        await AddAsync(new SignInChallenge { TokenHash = Hash(), UserId = _cast.Dora.Id, Kind = SessionKind.Browser, ExpiresAt = _portal.Clock.Now.AddMinutes(5) });
        var entries = await _portal.CountEntriesAsync();

        (await SweepAsync()).ShouldBe(0);

        (await _portal.Get<Sessions>().FindLiveAsync(live.SessionId, live.UserId)).ShouldNotBeNull();
        (await CountAsync<Member>()).ShouldBe(6);
        (await _portal.Get<KeyQueries>().FindAsync(_cast.Dora, key.Key.Id)).Refusal.ShouldBeNull();
        (await _portal.CountEntriesAsync()).ShouldBe(entries);
    }

    [Fact]
    public async Task More_rows_than_one_transaction_takes_are_swept_too()
    {
        var spent = Enumerable.Range(0, 1201).Select(_ => new SignInChallenge { TokenHash = Hash(), UserId = _cast.Dora.Id, Kind = SessionKind.Browser, ExpiresAt = TestClock.Start });
        await AddAsync([.. spent]);
        _portal.Clock.Advance(TimeSpan.FromDays(2));
        (await SweepAsync()).ShouldBe(1201);
        (await SweepAsync()).ShouldBe(0);
    }

    private Task<int> SweepAsync() => _portal.Get<Sweeper>().SweepAsync();

    private async Task AddAsync<T>(params T[] rows) where T : class => (await _portal.Get<Writer>().RunAsync<bool>(write =>
    {
        write.Set<T>().AddRange(rows);
        return Task.FromResult<Outcome<bool>>(true);
    })).Refusal.ShouldBeNull();

    private async Task<int> CountAsync<T>() where T : class
    {
        await using var db = _portal.OpenDb();
        return await db.Set<T>().CountAsync();
    }

    private static byte[] Hash() => RandomNumberGenerator.GetBytes(32);
}
