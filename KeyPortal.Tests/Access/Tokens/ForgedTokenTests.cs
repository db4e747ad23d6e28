using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Access;
using KeyPortal.Access.Tokens;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Access.Tokens;

/// <summary>Whatever is wrong with a token, the answer is the same 401, to the byte.</summary>
public sealed class ForgedTokenTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    private readonly Portal _portal = shared.Portal;
    private readonly Client _client = new(shared.Portal.CreateClient(), null);

    public static TheoryData<string> Forged => [.. ForgedTokens.Kinds.Keys];

    /// <summary>What makes a good token worthless, and what never was one though it is a secret of ours.</summary>
    private static readonly Dictionary<string, Func<Portal, Actor, TokenPair, Task<string>>> Worthless = new()
    {
        ["its session was signed out"] = (portal, person, pair) => ThenAsync(pair, portal.Get<SignIn>().EndAsync(person.Id, portal.SessionOf(pair), Origin.None)),
        ["all sessions were ended"] = (portal, person, pair) => ThenAsync(pair, WriteAsync(portal, write => Sessions.EndAllAsync(write, person.Id, SessionEnd.PasswordChanged))),
        ["the person's rights changed"] = (portal, person, pair) => ThenAsync(pair, WriteAsync(portal, write => Sessions.VoidTokensAsync(write, person.Id))),
        ["its refresh token was used twice"] = (portal, _, pair) => ThenAsync(pair, ReuseAsync(portal, pair)),
        ["the member was removed everywhere"] = (portal, person, pair) => ThenAsync(pair, WriteAsync(portal, write => StateAsync(write, person, MemberState.Removed))),
        ["the member was disabled everywhere"] = (portal, person, pair) => ThenAsync(pair, WriteAsync(portal, write => StateAsync(write, person, MemberState.Disabled))),
        ["a session of a browser"] = async (portal, person, _) => await portal.TokenOfAsync((await portal.SessionAsync(person)).SessionId),
        ["a refresh token"] = (_, _, pair) => Task.FromResult(pair.RefreshToken.Expose()),
        ["a challenge token, from before the second factor"] = async (portal, person, _) => await ChallengeAsync(portal, person),
        ["a session's id"] = (portal, _, pair) => Task.FromResult(portal.SessionOf(pair)),
        ["a browser's cookie"] = async (portal, person, _) => portal.CookieOf(await portal.SessionAsync(person)),
    };

    public static TheoryData<string> Voided => [.. Worthless.Keys];

    [Theory]
    [MemberData(nameof(Forged))]
    public async Task A_forged_token_opens_nothing_and_the_answer_does_not_say_why(string kind)
    {
        var good = (await _portal.TokensAsync(shared.Cast.Alice)).AccessToken;
        var forged = ForgedTokens.Kinds[kind](new Forger(_portal, good));

        forged.ShouldNotBe(good);
        await ShouldBeNobodyAsync(forged);
        (await _client.WithToken(good).GetAsync(Client.Keys)).Is(HttpStatusCode.OK);
    }

    [Theory]
    [MemberData(nameof(Voided))]
    public async Task A_token_that_is_over_or_is_none_opens_nothing_and_the_answer_does_not_say_why(string kind)
    {
        await using var portal = new Portal();
        var alice = (await Cast.EnterAsync(portal)).Alice;
        var pair = await portal.TokensAsync(alice);
        var client = new Client(portal.CreateClient(), null);
        (await client.WithToken(pair.AccessToken).GetAsync(Client.Keys)).Is(HttpStatusCode.OK);

        var worthless = await Worthless[kind](portal, alice, pair);

        (await BytesAsync(client.WithToken(worthless))).ShouldBe(await BytesAsync(client.WithToken("nonsense")));
    }

    [Fact]
    public void There_are_more_than_a_hundred_kinds() => (ForgedTokens.Kinds.Count + Worthless.Count).ShouldBeGreaterThan(100);

    [Fact]
    public async Task A_token_in_the_header_of_keys_opens_nothing()
    {
        var good = (await _portal.TokensAsync(shared.Cast.Alice)).AccessToken;
        var both = new HttpRequestMessage(HttpMethod.Get, Client.Keys) { Headers = { { "X-API-Key", good }, { "Authorization", "Bearer " + good } } };

        (await _client.With(good).GetAsync(Client.Keys)).IsProblem(401, "unauthenticated");
        (await _client.SendAsync(both)).IsProblem(401, "unauthenticated");
    }

    [Fact]
    public async Task A_token_in_an_address_opens_nothing()
    {
        var good = (await _portal.TokensAsync(shared.Cast.Alice)).AccessToken;

        (await _client.GetAsync($"{Client.Keys}?access_token={good}")).IsProblem(401, "unauthenticated");
    }

    private async Task ShouldBeNobodyAsync(string token) => (await BytesAsync(_client.WithToken(token))).ShouldBe(await BytesAsync(_client.WithToken("nonsense")));

    /// <summary>Everything of a refusal but the request's own id.</summary>
    private static async Task<string> BytesAsync(Client client)
    {
        var answer = (await client.GetAsync(Client.Keys)).IsProblem(401, "unauthenticated");
        var headers = answer.Message.Headers.Concat(answer.Message.Content.Headers).Where(h => !h.Key.Equals("X-Request-Id", StringComparison.OrdinalIgnoreCase)).Select(h => $"{h.Key}: {string.Join(',', h.Value)}").Order();
        var body = await answer.Message.Content.ReadAsStringAsync();
        return string.Join('\n', headers) + "\n" + body.Replace(answer.Text("request_id"), "", StringComparison.Ordinal);
    }

    private static async Task<string> ThenAsync(TokenPair pair, Task change)
    {
        await change;
        return pair.AccessToken;
    }

    private static async Task WriteAsync(Portal portal, Func<WriteTransaction, Task> change) =>
        await portal.Get<Writer>().RunAsync<bool>(async write =>
        {
            await change(write);
            return true;
        });

    private static Task StateAsync(WriteTransaction write, Actor person, MemberState state) =>
        write.Set<Member>().Where(m => m.UserId == person.Id).ExecuteUpdateAsync(m => m.SetProperty(x => x.State, state));

    private static async Task ReuseAsync(Portal portal, TokenPair pair)
    {
        var refresh = portal.Get<RefreshTokens>();
        (await refresh.RedeemAsync(pair.RefreshToken.Expose(), Origin.None)).Refusal.ShouldBeNull();
        (await refresh.RedeemAsync(pair.RefreshToken.Expose(), Origin.None)).Refusal.ShouldNotBeNull();
    }

    private static async Task<string> ChallengeAsync(Portal portal, Actor person)
    {
        var token = SecretToken.New();
        await WriteAsync(portal, write =>
        {
            write.Set<SignInChallenge>().Add(new SignInChallenge { TokenHash = token.Hash, UserId = person.Id, Kind = SessionKind.Api, ExpiresAt = write.Now + SignIn.ChallengeLifetime });
            return Task.CompletedTask;
        });
        return token.Expose();
    }
}
