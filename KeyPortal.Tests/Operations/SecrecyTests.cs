using System.Buffers.Text;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KeyPortal.Primitives;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Operations;

/// <summary>No secret in a file, nor in a log at its most talkative. Of a key, what follows its start counts: the start is shown on purpose.</summary>
public sealed partial class SecrecyTests
{
    private const string WrongPassword = "quite another: wrong/password?";

    private static readonly string[] Talkative =
    [
        "--Logging:LogLevel:Default=Trace", "--Logging:LogLevel:Microsoft=Trace", "--Logging:LogLevel:System=Trace",
        "--Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics=Trace", "--Logging:LogLevel:Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager=Trace",
        "--Logging:Console:FormatterOptions:IncludeScopes=true",
    ];

    private readonly string _data = PortalProcess.NewDataDirectory();

    [Fact]
    public async Task After_a_life_over_the_API_no_file_log_or_backup_holds_a_key_or_a_password()
    {
        string[] words = ["bootstrap", "--organization", "Acme Payments", "--email", PortalProcess.Email, "--password-stdin", .. Talkative];
        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(_data, words, Cast.Password + "\n");
        exitCode.ShouldBe(0, stderr);
        stdout.Trim().Split('\n').Length.ShouldBe(1, stdout);
        var made = JsonNode.Parse(stdout)!;
        var managementKey = made["management_key"]!.GetValue<string>();
        var search = new SecretSearch().Add("password", Cast.Password).Add("wrong password", WrongPassword).Add("management key", AfterStart(managementKey));
        var totpSecret = made["totp_secret"]!.GetValue<string>();
        search.Add("authenticator secret", totpSecret).Add("authenticator secret as a number", Base32.Rfc4648.TryDecode(totpSecret)!);
        var recoveryCodes = made["recovery_codes"]!.AsArray().Select(code => code!.GetValue<string>()).ToList();
        foreach (var code in recoveryCodes)
        {
            search.Add($"recovery code {code}", code).Add($"recovery code {code} without hyphens", code.Replace("-", "", StringComparison.Ordinal));
        }

        await using var portal = await PortalProcess.ServeAsync(_data, Talkative);
        var client = new Client(portal.Client, managementKey);
        foreach (var key in await UseAsync(client))
        {
            search.Add($"key {key}", AfterStart(key));
        }

        await SignInAsync(portal, recoveryCodes[0]);
        var backup = _data + ".zip";
        var backedUp = await PortalProcess.RunAsync(_data, ["backup", backup, .. Talkative]);
        backedUp.ExitCode.ShouldBe(0, backedUp.Stderr);

        var searched = await search.ShouldFindNothingInAsync(_data);
        foreach (var file in (string[])["keyportal.db", "keyportal.db-wal", "keyportal.db-shm", "usage.db", "usage.db-wal"])
        {
            searched.ShouldContain(file);
        }

        searched.ShouldContain(name => name.StartsWith("protection"));
        (await portal.StopAsync()).ShouldBe(0);
        await search.ShouldFindNothingInAsync(_data);
        await ZipFile.ExtractToDirectoryAsync(backup, _data + "-unpacked");
        (await search.ShouldFindNothingInAsync(_data + "-unpacked")).ShouldContain("keyportal.db");
        ShouldBeTalkative(portal.Output);
        search.ShouldFindNothing(portal.Output, "the server's output");
        search.ShouldFindNothing(backedUp.Stdout + backedUp.Stderr, "the output of backup");
        var rest = recoveryCodes.Append(totpSecret).Append(managementKey).Aggregate(stdout, (text, secret) => text.Replace(secret, "", StringComparison.Ordinal));
        search.ShouldFindNothing(rest + stderr, "the output of bootstrap");
    }

    [Fact]
    public async Task After_a_set_up_in_the_browser_only_the_console_knows_the_code_and_nothing_the_password()
    {
        await using var portal = await PortalProcess.ServeAsync(_data, Talkative);
        var code = SetUpCode().Match(portal.Output).Value;
        var plain = code.Replace("-", "", StringComparison.Ordinal);
        var search = new SecretSearch().Add("password", Cast.Password).Add("wrong password", WrongPassword)
            .Add("code", code).Add("code without hyphens", plain).Add("code as a number", Convert.FromHexString(plain));
        using (var visitor = new FormVisitor(portal.Client.BaseAddress!))
        {
            (await visitor.SetUpAsync("not the code", PortalProcess.Email, Cast.Password)).ShouldBe(HttpStatusCode.UnprocessableEntity);
            (await visitor.SetUpAsync(code, PortalProcess.Email, Cast.Password)).ShouldBe(HttpStatusCode.Redirect);
            (await visitor.ReadAsync("/audit-log")).ShouldContain("Acme Payments");
        }

        await SignInAsync(portal);

        await search.ShouldFindNothingInAsync(_data);
        (await portal.StopAsync()).ShouldBe(0);
        await search.ShouldFindNothingInAsync(_data);
        ShouldBeTalkative(portal.Output);
        var greeting = portal.Output.IndexOf(code, StringComparison.Ordinal);
        search.ShouldFindNothing(portal.Output.Remove(greeting, code.Length), "the server's output but for its greeting");
    }

    public static TheoryData<string, byte[]> Planted()
    {
        const string Secret = "sécret/with words?>";
        var forms = new TheoryData<string, byte[]>
        {
            { "UTF-8", Encoding.UTF8.GetBytes(Secret) },
            { "UTF-16", Encoding.Unicode.GetBytes(Secret) },
            { "UTF-16 big-endian", Encoding.BigEndianUnicode.GetBytes(Secret) },
            { "a form's field", Encoding.ASCII.GetBytes(WebUtility.UrlEncode(Secret)) },
        };
        foreach (var encoding in (Encoding[])[Encoding.UTF8, Encoding.Unicode])
        {
            forms.Add($"hex of {encoding.WebName}", Encoding.ASCII.GetBytes(Convert.ToHexString(encoding.GetBytes(Secret)).ToLowerInvariant()));
            forms.Add($"upper-case hex of {encoding.WebName}", Encoding.ASCII.GetBytes(Convert.ToHexString(encoding.GetBytes(Secret))));
            for (var before = 0; before < 4; before++)
            {
                byte[] longer = [.. "Öß#~"u8[..before], .. encoding.GetBytes(Secret), .. "§ and more"u8];
                forms.Add($"base64 of {encoding.WebName} after {before}", Encoding.ASCII.GetBytes(Convert.ToBase64String(longer)));
                forms.Add($"base64url of {encoding.WebName} after {before}", Encoding.ASCII.GetBytes(Base64Url.EncodeToString(longer)));
                forms.Add($"base64 of {encoding.WebName} after {before} in UTF-16", Encoding.Unicode.GetBytes(Convert.ToBase64String(longer)));
            }
        }

        return forms;
    }

    [Theory]
    [MemberData(nameof(Planted))]
    public void The_search_finds_a_secret_planted_in_any_form_and_nothing_where_there_is_none(string form, byte[] planted)
    {
        var search = new SecretSearch().Add("secret", "sécret/with words?>");
        byte[] file = [.. "header \0\u0001"u8, .. planted, .. "\0 trailer"u8];

        search.Find(file).ShouldNotBeEmpty(form);

        file["header \0\u0001"u8.Length + (planted.Length / 2)] ^= 1;
        search.Find(file).ShouldBeEmpty(form);
    }

    /// <summary>Everything the API does with a key, rightly and wrongly; the keys it made.</summary>
    private static async Task<IReadOnlyList<string>> UseAsync(Client client)
    {
        List<string> keys = [];
        for (var i = 0; i < 3; i++)
        {
            var created = (await client.CreateAsync(new JsonObject { ["name"] = $"Key {i}", ["scopes"] = new JsonArray("triggers:read") })).Is(HttpStatusCode.Created);
            var key = created.Text("key");
            keys.Add(key);
            (await client.ValidateAsync(key)).Is(HttpStatusCode.OK).Code.ShouldBe("valid");
            (await client.ValidateAsync(key[..^1])).Is(HttpStatusCode.OK).Code.ShouldBe("malformed");
            (await client.With(key).GetAsync("/api/v1/auth/key")).Is(HttpStatusCode.OK);
            await client.With(null).SendAsync(new HttpRequestMessage(HttpMethod.Get, "/api/v1/auth/key") { Headers = { { "Authorization", "Bearer " + key } } });
            await client.RawAsync(Client.Keys, "{\"name\":\"" + key);
            await client.With(key).GetAsync(Client.Keys);
            (await client.PostAsync($"{Client.Keys}/{created.Text("id")}/revoke")).Is(HttpStatusCode.OK);
            (await client.ValidateAsync(key)).Is(HttpStatusCode.OK).Code.ShouldBe("revoked");
        }

        return keys;
    }

    private static async Task SignInAsync(PortalProcess portal, string? recoveryCode = null)
    {
        using var visitor = new FormVisitor(portal.Client.BaseAddress!);
        (await visitor.SignInAsync(PortalProcess.Email, WrongPassword)).ShouldBe(HttpStatusCode.Unauthorized);
        (await visitor.SignInAsync(PortalProcess.Email, Cast.Password)).ShouldBe(HttpStatusCode.Redirect);
        if (recoveryCode is not null)
        {
            (await visitor.ShowRecoveryCodeAsync(recoveryCode)).ShouldBe(HttpStatusCode.Redirect);
        }
    }

    private static string AfterStart(string key) => key[^24..];

    private static void ShouldBeTalkative(string output)
    {
        foreach (var sign in (string[])["trce:", "dbug:", "Request starting", "INSERT INTO \"audit_entries\"", "DataProtection"])
        {
            output.ShouldContain(sign);
        }
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{8}){3}")]
    private static partial Regex SetUpCode();
}
