using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using KeyPortal.Api.LeakCalls;
using KeyPortal.Keys;
using KeyPortal.Tests.Architecture;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

/// <summary>What GitHub's secret scanning sends, signed as GitHub signs it.</summary>
public sealed class SecretScanningTests : IAsyncLifetime
{
    private const string Path = "/api/v1/secret-scanning/alerts";
    private readonly ECDsa _scanner = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private Portal _portal = null!;
    private Cast _cast = null!;
    private Client _client = null!;

    public async ValueTask InitializeAsync()
    {
        _portal = new Portal(("KeyPortal:SecretScanning:PublicKeys:kid1", _scanner.ExportSubjectPublicKeyInfoPem().ReplaceLineEndings("\\n")));
        _cast = await Cast.EnterAsync(_portal);
        _client = await Client.OfAsync(_portal, _cast.Alice);
    }

    public async ValueTask DisposeAsync()
    {
        _scanner.Dispose();
        await _portal.DisposeAsync();
    }

    private Task<Answer> SendAsync(string body, string? signature = null, string keyId = "kid1", ECDsa? signer = null)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new ByteArrayContent(bytes) { Headers = { ContentType = new("application/json") } } };
        request.Headers.Add("Github-Public-Key-Identifier", keyId);
        request.Headers.Add("Github-Public-Key-Signature", signature ?? Convert.ToBase64String((signer ?? _scanner).SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)));
        return _client.SendAsync(request);
    }

    private static string Match(string token) => $$"""{"source":"commit","token":"{{token}}","type":"keyportal_api_key","url":"https://github.com/octocat/hello/blob/main/a.txt","more":1}""";

    [Fact]
    public async Task A_found_key_is_revoked_and_the_scanner_told_which_were_ours()
    {
        var key = await _portal.KeyAsync(_cast.Alice);

        var answer = (await SendAsync($"[{Match(key.Plaintext.Expose())}, {Match("sk_test_0123456789ABCDEFGHIJKLMNOP4PdKB4")}]")).Is(HttpStatusCode.OK);

        answer.Json!.AsArray().Select(v => v!["label"]!.GetValue<string>()).ShouldBe(["true_positive", "false_positive"]);
        answer.Json![0]!["token_hash"]!.GetValue<string>().ShouldBe(Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key.Plaintext.Expose()))));
        (await _client.ValidateAsync(key.Plaintext.Expose())).Code.ShouldBe("revoked");
        var entry = (await _portal.AuditAsync(_cast.Alice, "key.revoked")).ShouldHaveSingleItem();
        (entry.Details["reported_by"]!.GetValue<string>(), entry.Details["url"]!.GetValue<string>()).ShouldBe(("github", "https://github.com/octocat/hello/blob/main/a.txt"));
    }

    [Fact]
    public async Task What_openssl_signs_is_believed()
    {
        var folder = Directory.CreateTempSubdirectory("keyportal-scanning-").FullName;
        var body = "[" + Match("sk_test_0123456789ABCDEFGHIJKLMNOP4PdKB4") + "]\n";
        await File.WriteAllTextAsync(System.IO.Path.Combine(folder, "key.pem"), _scanner.ExportECPrivateKeyPem());
        await File.WriteAllTextAsync(System.IO.Path.Combine(folder, "body"), body);
        var start = new System.Diagnostics.ProcessStartInfo(DebianTool.Find("openssl", "openssl"), ["dgst", "-sha256", "-sign", "key.pem", "-out", "signature", "body"]) { WorkingDirectory = folder };
        using (var openssl = System.Diagnostics.Process.Start(start)!)
        {
            await openssl.WaitForExitAsync();
            openssl.ExitCode.ShouldBe(0);
        }

        (await SendAsync(body, Convert.ToBase64String(await File.ReadAllBytesAsync(System.IO.Path.Combine(folder, "signature"))))).Is(HttpStatusCode.OK);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_is_not_signed_byte_by_byte_with_a_known_key_is_not_believed()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var key = await _portal.KeyAsync(_cast.Alice);
        var body = $"[{Match(key.Plaintext.Expose())}]";
        var good = Convert.ToBase64String(_scanner.SignData(Encoding.UTF8.GetBytes(body), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));

        (await SendAsync(body, signer: other)).IsProblem(401, "bad_signature");
        (await SendAsync(body + " ", good)).IsProblem(401, "bad_signature");
        (await SendAsync(body, good, "kid2")).IsProblem(401, "bad_signature");
        (await SendAsync(body, "not base64")).IsProblem(401, "bad_signature");
        (await SendAsync(body, Convert.ToBase64String(_scanner.SignData(Encoding.UTF8.GetBytes(body), HashAlgorithmName.SHA256)))).IsProblem(401, "bad_signature");
        (await _client.RawAsync(Path, body)).IsProblem(401, "bad_signature");
        (await _client.ValidateAsync(key.Plaintext.Expose())).Code.ShouldBe("valid");
    }

    [Theory]
    [InlineData("[", 400)]
    [InlineData("{}", 400)]
    [InlineData("null", 400)]
    [InlineData("[null]", 422)]
    [InlineData("[{}]", 422)]
    [InlineData("[]", 200)]
    public async Task A_signed_body_of_another_form_is_refused(string body, int status) => (await SendAsync(body)).Is((HttpStatusCode)status);

    [Fact]
    public void A_setting_that_is_no_key_stops_the_start()
    {
        using var wrongCurve = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        foreach (var pem in new[] { "nonsense", wrongCurve.ExportSubjectPublicKeyInfoPem() })
        {
            new ValidateScanningSettings().Validate(null, new ScanningSettings { PublicKeys = { ["kid1"] = pem } }).FailureMessage!.ShouldContain("PublicKeys:kid1");
        }
    }

    [Fact]
    public void The_pattern_of_the_guide_finds_every_key_and_nothing_shorter_or_longer()
    {
        var guide = SourceTree.Read("docs/operations.md");
        var pattern = new Regex(Regex.Match(guide, "```regex\n(?<pattern>.*?)\n```", RegexOptions.Singleline).Groups["pattern"].Value);
        foreach (var brand in new[] { "", "acme", "a1b2c3d4e5f6" })
        {
            var key = PlaintextKey.Generate(KeyType.Secret, KeyEnvironment.Live, brand).Expose();
            pattern.Match($"const key = '{key}';").Value.ShouldBe(key);
            pattern.IsMatch(key[..^1]).ShouldBeFalse();
            pattern.IsMatch(key + "0").ShouldBeFalse();
        }
    }
}
