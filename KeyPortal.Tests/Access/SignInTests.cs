using KeyPortal.Access;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Access;

public sealed class SignInTests
{
    [Theory]
    [InlineData("alice@acme.example")]
    [InlineData("nobody@acme.example")]
    public async Task A_refused_sign_in_waits_for_the_disk_whether_or_not_there_is_such_an_account(string email)
    {
        await using var portal = new Portal();
        await Cast.EnterAsync(portal);
        using var onlooker = new Onlooker(portal);
        var before = onlooker.CommitsSeen();

        (await portal.Get<SignIn>().WithPasswordAsync(email, "not the password", SessionKind.Browser, Origin.None)).Outcome.ShouldBe(SignInOutcome.InvalidCredentials);

        onlooker.CommitsSeen().ShouldNotBe(before);
    }

    [Fact]
    public async Task A_refused_sign_in_without_an_account_leaves_nothing_behind()
    {
        await using var portal = new Portal();
        await Cast.EnterAsync(portal);
        await portal.Get<SignIn>().WithPasswordAsync("alice@acme.example", "not the password", SessionKind.Browser, Origin.None);
        var before = await portal.CountEntriesAsync();

        await portal.Get<SignIn>().WithPasswordAsync("nobody@acme.example", "not the password", SessionKind.Browser, new Origin("203.0.113.9", "a browser", "req_1"));

        before.ShouldBe(1);
        (await portal.CountEntriesAsync()).ShouldBe(before);
    }
}
