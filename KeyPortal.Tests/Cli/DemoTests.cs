using System.Net;
using System.Text.RegularExpressions;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Cli;

public sealed partial class DemoTests
{
    private readonly string _data = PortalProcess.NewDataDirectory();

    [Fact]
    public async Task Demo_fills_an_empty_directory_once_and_prints_sign_ins_that_work()
    {
        Directory.CreateDirectory(_data);
        await using (var portal = await PortalProcess.ServeAsync(_data, ["--demo"]))
        {
            var people = SignIns().Matches(portal.Output).Select(m => (Email: m.Groups["email"].Value, Password: m.Groups["password"].Value, Role: m.Groups["role"].Value)).ToList();
            people.Select(p => p.Role).ShouldBe(["owner", "admin", "developer"]);
            portal.Output.ShouldNotContain("set-up");
            foreach (var (email, password, _) in people)
            {
                using var visitor = new FormVisitor(portal.Client.BaseAddress!);
                (await visitor.SignInAsync(email, password + "x")).ShouldBe(HttpStatusCode.Unauthorized, email);
                (await visitor.SignInAsync(email, password)).ShouldBe(HttpStatusCode.Redirect, email);
                (await visitor.ReadAsync("/keys")).ShouldContain("Acme Payments");
            }

            (await portal.StopAsync()).ShouldBe(0);
        }

        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(_data, ["--demo", "--urls=http://127.0.0.1:0"]);

        exitCode.ShouldBe(1);
        stdout.ShouldNotContain("is ready on");
        stderr.Trim().ShouldStartWith("--demo fills an empty data directory only");
        stderr.Trim().Split('\n').Length.ShouldBe(1, stderr);
    }

    [GeneratedRegex(@"^ {4}(?<email>\S+@\S+) +(?<password>\S+) {3}(?<role>\w+)$", RegexOptions.Multiline)]
    private static partial Regex SignIns();
}
