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
            foreach (var role in Enum.GetValues<Role>())
            {
                foreach (var whose in driver.IsAimed ? Enum.GetValues<Whose>() : [Whose.Own])
                {
                    cells++;
                    var allowed = MatrixStage.IsAllowed(role, row.Act!.Value, whose);
                    var done = await driver.Try(stage, stage.Of(role), whose);
                    if (done != allowed)
                    {
                        deviations.Add($"{row.Name} as {role} on {whose}: {(done ? "done" : "refused")}");
                    }
                }
            }
        }

        output.WriteLine($"{AuthorityRows.Commands.Count} commands, {cells} cells, {deviations.Count} deviations");
        deviations.ShouldBeEmpty();
    }
}
