using KeyPortal.Access;
using KeyPortal.Access.Tokens;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Support;

/// <summary>Programs that are signed in for a person, without the calls that sign them in.</summary>
public static class TokensGiven
{
    /// <summary>The tokens of a new session of a program.</summary>
    public static async Task<TokenPair> TokensAsync(this Portal portal, Actor person)
    {
        var session = (await portal.Get<SessionBeginning>().BeginAsync(person.MemberId, SessionKind.Api, SignInMethod.PasswordAndTotp, person.Origin)).Value;
        return (await portal.Get<RefreshTokens>().StartAsync(session)).Value;
    }

    /// <summary>The session that an access token of ours names.</summary>
    public static string SessionOf(this Portal portal, TokenPair pair) => portal.Get<AccessTokens>().Verify(pair.AccessToken)!.Sid;

    /// <summary>An access token for any session, of a browser too.</summary>
    public static async Task<string> TokenOfAsync(this Portal portal, string sessionId)
    {
        await using var db = portal.OpenDb();
        return portal.Get<AccessTokens>().Issue(await db.Set<Session>().SingleAsync(s => s.Id == sessionId));
    }

    /// <summary>Gives a person another authenticator app than the cast's and ten recovery codes, without the page that sets them up.</summary>
    public static async Task<(TotpSecret Secret, PlainRecoveryCodes Codes)> AuthenticatorAsync(this Portal portal, Actor person)
    {
        var secret = TotpSecret.New();
        var codes = (await portal.Get<Writer>().RunAsync<PlainRecoveryCodes>(async write =>
        {
            await write.Set<SecondFactor>().Where(f => f.UserId == person.Id).ExecuteDeleteAsync();
            write.Set<SecondFactor>().Add(new SecondFactor { UserId = person.Id, TotpSecret = portal.Get<TotpVault>().Seal(secret, person.Id), TotpAddedAt = write.Now });
            return await RecoveryCodes.IssueAsync(write, person.Id);
        })).Value;
        return (secret, codes);
    }
}
