using KeyPortal.Access;
using KeyPortal.Access.Tokens;
using KeyPortal.Primitives;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Access.Tokens;

public sealed class RefreshTokenTests : IAsyncLifetime
{
    private static readonly Origin From = new("198.51.100.7", "a program", "req_refresh");
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private RefreshTokens Refresh => _portal.Get<RefreshTokens>();

    private async Task<TokenPair> RedeemAsync(TokenPair pair) => (await Refresh.RedeemAsync(pair.RefreshToken.Expose(), From)).Value;

    private async Task ShouldBeRefusedAsync(TokenPair pair) => (await Refresh.RedeemAsync(pair.RefreshToken.Expose(), From)).Refusal.ShouldBe(RefreshTokens.NoGood);

    private async Task<Session> SessionAsync(string id)
    {
        await using var db = _portal.OpenDb();
        return await db.Set<Session>().AsNoTracking().SingleAsync(s => s.Id == id);
    }

    private bool IsGood(TokenPair pair) => _portal.Get<MemberAuthentication>().FindSessionAsync(pair.AccessToken).GetAwaiter().GetResult() is not null;

    [Fact]
    public async Task Each_use_gives_the_next_pair_of_the_same_session()
    {
        var pair = await _portal.TokensAsync(_cast.Alice);
        var session = _portal.SessionOf(pair);
        for (var i = 0; i < 5; i++)
        {
            _portal.Clock.Advance(TimeSpan.FromMinutes(10));
            var next = await RedeemAsync(pair);
            next.AccessToken.ShouldNotBe(pair.AccessToken);
            _portal.SessionOf(next).ShouldBe(session);
            IsGood(next).ShouldBeTrue();
            pair = next;
        }

        var seen = await SessionAsync(session);
        (seen.LastSeenAt, seen.Ip, seen.UserAgent, seen.EndedAt).ShouldBe((_portal.Clock.Now, "198.51.100.7", "a program", null));
    }

    [Fact]
    public async Task A_token_that_comes_back_ends_its_session_and_the_newest_pair_with_it()
    {
        var first = await _portal.TokensAsync(_cast.Alice);
        var second = await RedeemAsync(first);
        var third = await RedeemAsync(second);
        var bystander = await _portal.TokensAsync(_cast.Alice);

        await ShouldBeRefusedAsync(first);

        await ShouldBeRefusedAsync(third);
        IsGood(third).ShouldBeFalse();
        (await SessionAsync(_portal.Get<AccessTokens>().Verify(third.AccessToken)!.Sid)).EndReason.ShouldBe(SessionEnd.RefreshTokenReused);
        IsGood(bystander).ShouldBeTrue("another session of the same person is another family");
        var entry = (await _portal.AuditAsync(_cast.Alice, "session.ended")).Single();
        (entry.ActorId, entry.TargetId).ShouldBe((_cast.Alice.Id, _cast.Alice.Id));
        entry.Details["reason"]!.GetValue<string>().ShouldBe("refresh_token_reused");
    }

    [Fact]
    public async Task Of_twenty_uses_at_once_one_gets_a_pair_and_it_dies_with_the_family()
    {
        var pair = await _portal.TokensAsync(_cast.Alice);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => Refresh.RedeemAsync(pair.RefreshToken.Expose(), From))));

        var winner = outcomes.Single(o => o.Refusal is null).Value;
        outcomes.Count(o => o.Refusal == RefreshTokens.NoGood).ShouldBe(19);
        IsGood(winner).ShouldBeFalse();
        await ShouldBeRefusedAsync(winner);
        (await _portal.AuditAsync(_cast.Alice, "session.ended")).Count.ShouldBe(1);
        await using var db = _portal.OpenDb();
        (await db.Set<RefreshToken>().CountAsync(TestContext.Current.CancellationToken)).ShouldBe(2);
    }

    [Fact]
    public async Task Refreshing_never_outlives_the_session()
    {
        var pair = await _portal.TokensAsync(_cast.Alice);
        var ends = (await SessionAsync(_portal.SessionOf(pair))).EndsAt;
        while (_portal.Clock.Now.AddMinutes(50) < ends)
        {
            _portal.Clock.Advance(TimeSpan.FromMinutes(50));
            pair = await RedeemAsync(pair);
        }

        _portal.Clock.Set(ends.AddMilliseconds(-1));
        pair = await RedeemAsync(pair);
        IsGood(pair).ShouldBeTrue();
        _portal.Clock.Set(ends);
        IsGood(pair).ShouldBeFalse("an access token ends with its session");
        await ShouldBeRefusedAsync(pair);
    }

    [Fact]
    public async Task A_session_that_nobody_used_for_an_hour_is_not_refreshed()
    {
        var pair = await _portal.TokensAsync(_cast.Alice);
        _portal.Clock.Advance(TimeSpan.FromMinutes(60));

        await ShouldBeRefusedAsync(pair);
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\0")]
    public async Task What_was_never_given_out_is_refused(string presented) => (await Refresh.RedeemAsync(presented, From)).Refusal.ShouldBe(RefreshTokens.NoGood);

    [Fact]
    public async Task A_browsers_session_gets_no_tokens() =>
        (await Refresh.StartAsync(await _portal.SessionAsync(_cast.Alice))).Refusal.ShouldBe(RefreshTokens.NoGood);

    [Fact]
    public async Task Tokens_of_ended_sessions_are_forgotten_and_others_kept()
    {
        var ended = await _portal.TokensAsync(_cast.Alice);
        await _portal.Get<SignIn>().EndAsync(_cast.Alice.Id, _portal.SessionOf(ended), From);
        var live = await _portal.TokensAsync(_cast.Dora);
        var next = await RedeemAsync(live);

        (await Refresh.ForgetEndedAsync(TestContext.Current.CancellationToken)).ShouldBe(1);
        await ShouldBeRefusedAsync(live);
        await ShouldBeRefusedAsync(next);

        (await Refresh.ForgetEndedAsync(TestContext.Current.CancellationToken)).ShouldBe(2, "the used one was kept as long as its use twice had to be noticed");
        _portal.Clock.Advance(TimeSpan.FromHours(12));
        (await Refresh.ForgetEndedAsync(TestContext.Current.CancellationToken)).ShouldBe(0);
    }

    [Fact]
    public async Task The_database_holds_no_token()
    {
        var pair = await _portal.TokensAsync(_cast.Alice);
        var search = new SecretSearch().Add("access token", pair.AccessToken).Add("refresh token", pair.RefreshToken.Expose());

        (await search.ShouldFindNothingInAsync(_portal.DataDirectory)).ShouldContain("keyportal.db");
        new SecretSearch().Add("x", pair.RefreshToken.Expose()).ShouldFindNothing($"{pair} {pair.RefreshToken}", "what a pair prints");
    }
}
