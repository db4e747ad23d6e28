using KeyPortal.Access;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.Data.Sqlite;

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
        await using var onlooker = new SqliteConnection($"Data Source={Path.Combine(portal.DataDirectory, "keyportal.db")};Pooling=False");
        await onlooker.OpenAsync(TestContext.Current.CancellationToken);
        var before = Version(onlooker);

        (await portal.Get<SignIn>().WithPasswordAsync(email, "not the password", SessionKind.Browser, Origin.None)).Outcome.ShouldBe(SignInOutcome.InvalidCredentials);

        Version(onlooker).ShouldNotBe(before);
    }

    /// <summary>Another number after each commit of another connection.</summary>
    private static long Version(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA data_version";
        return (long)command.ExecuteScalar()!;
    }
}
