using KeyPortal.Primitives;

namespace KeyPortal.Tests.Authority;

/// <summary>Every command, as every role, on one's own, a colleague's and another organization's thing: does it what the table says?</summary>
public sealed class CommandMatrixTests(MatrixStage stage, ITestOutputHelper output) : IClassFixture<MatrixStage>
{
    [Fact]
    public void Every_command_with_a_row_is_driven() =>
        AuthorityRows.Commands.Where(c => c.Row.Act is not null).Select(c => c.Row.Name).ShouldBe(CommandDrivers.All.Keys, ignoreOrder: true);

    [Fact]
    public async Task Every_command_obeys_the_table()
    {
        List<string> deviations = [];
        var cells = 0;
        foreach (var (_, row) in AuthorityRows.Commands.Where(c => c.Row.Act is not null && CommandDrivers.All.ContainsKey(c.Row.Name)))
        {
            var driver = CommandDrivers.All[row.Name];
            foreach (var (actor, how) in await ActorsAsync())
            {
                foreach (var whose in driver.Aims)
                {
                    cells++;
                    var allowed = MatrixStage.IsAllowed(actor.Role, row.Act!.Value, whose) && (actor.Scopes is null || Permissions.ScopeFor(row.Act.Value) is not null);
                    var done = await driver.Try(stage, actor, whose);
                    if (done != allowed)
                    {
                        deviations.Add($"{row.Name} as {how} on {whose}: {(done ? "done" : "refused")}");
                    }
                }
            }
        }

        output.WriteLine($"{AuthorityRows.Commands.Count} commands, {cells} cells, {deviations.Count} deviations");
        deviations.ShouldBeEmpty();
    }

    /// <summary>A person of each role in a new session, and a key of each role with all of KeyPortal's own scopes.</summary>
    private async Task<IReadOnlyList<(Actor Actor, string How)>> ActorsAsync()
    {
        List<(Actor, string)> actors = [];
        foreach (var role in Enum.GetValues<Role>())
        {
            var person = stage.Of(role);
            actors.Add((await stage.FreshAsync(person), role.ToString()));
            actors.Add((person with { Type = ActorType.ApiKey, Id = "key_of_" + role, Scopes = OwnScopes.All }, $"a key of {role}"));
        }

        return actors;
    }
}
