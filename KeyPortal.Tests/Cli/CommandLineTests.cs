using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Cli;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class CommandLineTests
{
    private readonly string _data = PortalProcess.NewDataDirectory();

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("--dmeo")]
    [InlineData("backup")]
    [InlineData("bootstrap", "--organization", "Acme")]
    [InlineData("bootstrap", "--organization", "Acme", "--email", "a@acme.example")]
    [InlineData("users")]
    [InlineData("users", "reset-password", "alice@acme.example")]
    public async Task A_wrong_word_gets_one_line_and_exit_2(params string[] words)
    {
        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(_data, words);

        exitCode.ShouldBe(2);
        stdout.ShouldBeEmpty();
        OneLine(stderr).ShouldEndWith("Try --help.");
    }

    [Fact]
    public async Task Help_names_every_verb()
    {
        var (exitCode, stdout, _) = await PortalProcess.RunAsync(_data, ["--help"]);

        exitCode.ShouldBe(0);
        foreach (var word in (string[])["bootstrap", "backup", "restore", "signing-keys", "users", "--urls", "http://localhost:5080", "--version"])
        {
            stdout.ShouldContain(word);
        }
    }

    [Theory]
    [InlineData("KeyPortal__Keys__Brand", "ABC", "KeyPortal:Keys:Brand")]
    [InlineData("KeyPortal__Keys__BcryptCost", "ten", "KeyPortal:Keys:BcryptCost")]
    [InlineData("KeyPortal__Passwords__BcryptCost", "99", "KeyPortal:Passwords:BcryptCost")]
    [InlineData("KeyPortal__Mail__Port", "smtp", "KeyPortal:Mail:Port")]
    [InlineData("KeyPortal__Mail__Host", "smtp.example.com", "KeyPortal:Mail:From")]
    [InlineData("KeyPortal__DataDirectory", "/dev/null", "KeyPortal:DataDirectory")]
    [InlineData("KeyPortal__DataDirectory", "/nowhere/at/all", "KeyPortal:DataDirectory")]
    [InlineData("KeyPortal__DataDirectory", "/proc/keyportal", "KeyPortal:DataDirectory")]
    public async Task A_wrong_setting_ends_the_start_with_one_line_that_names_it(string variable, string value, string setting)
    {
        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(_data, [], "", (variable, value));

        exitCode.ShouldBe(1);
        stdout.ShouldBeEmpty();
        OneLine(stderr).ShouldContain(setting);
    }

    [Fact]
    public async Task A_second_server_on_the_same_data_is_refused_with_one_line()
    {
        await using var first = await PortalProcess.ServeAsync(_data);

        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(_data, ["--urls=http://127.0.0.1:0"]);

        exitCode.ShouldBe(1);
        stdout.ShouldBeEmpty();
        OneLine(stderr).ShouldContain(_data);
        (await first.StopAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task An_empty_instance_prints_its_set_up_code_on_the_console_and_nowhere_else()
    {
        await using var portal = await PortalProcess.ServeAsync(_data);

        portal.Output.ShouldContain($"{portal.Client.BaseAddress}set-up");
        var code = System.Text.RegularExpressions.Regex.Match(portal.Output, "[0-9a-f]{8}(-[0-9a-f]{8}){3}").Value;
        code.ShouldNotBeEmpty();
        foreach (var file in Directory.GetFiles(_data, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "lock"))
        {
            var content = System.Text.Encoding.Latin1.GetString(await ReadAsync(file));
            content.ShouldNotContain(code);
            content.ShouldNotContain(code.Replace("-", "", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Only_the_servers_own_account_can_read_the_data()
    {
        await using var portal = await PortalProcess.ServeAsync(_data);

        foreach (var path in Directory.GetFiles(_data, "*", SearchOption.AllDirectories))
        {
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, path);
        }

        foreach (var path in Directory.GetDirectories(_data).Append(_data))
        {
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, path);
        }
    }

    private static async Task<byte[]> ReadAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var content = new MemoryStream();
        await file.CopyToAsync(content);
        return content.ToArray();
    }

    private static string OneLine(string text)
    {
        text.Trim().Split('\n').Length.ShouldBe(1, text);
        return text.Trim();
    }
}
