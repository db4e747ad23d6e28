using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KeyPortal.Access.Tokens;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Access.Tokens;

public sealed class SigningKeyTests
{
    private const string Jwks = "/.well-known/jwks.json";

    [Fact]
    public async Task The_published_keys_are_for_everybody_and_a_few_minutes()
    {
        await using var portal = new Portal();
        using var http = portal.CreateClient();
        http.DefaultRequestHeaders.Add("Origin", "https://elsewhere.example");

        var answer = (await new Client(http, null).GetAsync(Jwks)).Is(HttpStatusCode.OK);

        answer.Message.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        answer.Message.Headers.CacheControl!.ToString().ShouldBe("public, max-age=300");
        answer.Message.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
        answer.Message.Headers.Contains("Set-Cookie").ShouldBeFalse();
        var key = answer["keys"].AsArray().ShouldHaveSingleItem()!.AsObject();
        key.Select(m => m.Key).ShouldBe(["kty", "crv", "x", "y", "use", "alg", "kid"], "and no private member");
        foreach (var (member, value) in (IEnumerable<(string, string)>)[("kty", "EC"), ("crv", "P-256"), ("use", "sig"), ("alg", "ES256")])
        {
            key[member]!.GetValue<string>().ShouldBe(value);
        }

        (await new Client(http, null).SendAsync(HttpMethod.Head, Jwks, (JsonNode?)null)).Is(HttpStatusCode.OK);
        (await new Client(http, null).PostAsync(Jwks)).IsProblem(405, "method_not_allowed");
    }

    [Fact]
    public void A_key_is_named_by_its_thumbprint() =>
        // The point of RFC 7515 appendix A.3; its thumbprint by "openssl dgst -sha256 -binary | basenc --base64url" over the members RFC 7638 §3.2 names.
        SigningKey.Thumbprint("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0").ShouldBe("oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");

    [Fact]
    public void A_signature_of_the_standard_is_verified()
    {
        // RFC 7515 appendix A.3.
        const string Signed = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        const string Signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            D = Base64Url.DecodeFromChars("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"),
            Q = new ECPoint
            {
                X = Base64Url.DecodeFromChars("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                Y = Base64Url.DecodeFromChars("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
            },
        });
        var read = SigningKey.TryRead(key.ExportPkcs8PrivateKeyPem(), TestClock.Start)!;

        read.Verify(Encoding.ASCII.GetBytes(Signed), Base64Url.DecodeFromChars(Signature)).ShouldBeTrue();
        read.Verify(Encoding.ASCII.GetBytes(Signed + "x"), Base64Url.DecodeFromChars(Signature)).ShouldBeFalse();
    }

    [Fact]
    public async Task OpenSSL_verifies_a_token_with_the_published_key_alone()
    {
        await using var portal = new Portal();
        var token = (await portal.TokensAsync((await Cast.EnterAsync(portal)).Alice)).AccessToken.Split('.');
        var key = (await new Client(portal.CreateClient(), null).GetAsync(Jwks))["keys"][0]!;
        var header = JsonNode.Parse(Base64Url.DecodeFromChars(token[0]))!;
        header["kid"]!.GetValue<string>().ShouldBe(key["kid"]!.GetValue<string>());
        header["typ"]!.GetValue<string>().ShouldBe("at+jwt");
        var folder = Directory.CreateTempSubdirectory("keyportal-openssl-").FullName;
        byte[] prefix = Convert.FromHexString("3059301306072A8648CE3D020106082A8648CE3D03010703420004"); // SubjectPublicKeyInfo of an uncompressed point on P-256 (RFC 5480).
        byte[] Of(string member) => Base64Url.DecodeFromChars(key[member]!.GetValue<string>());
        await File.WriteAllBytesAsync(Path.Combine(folder, "key"), [.. prefix, .. Of("x"), .. Of("y")], TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "signed"), $"{token[0]}.{token[1]}", TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(folder, "signature"), Der(Base64Url.DecodeFromChars(token[2])), TestContext.Current.CancellationToken);

        using var openssl = Process.Start(new ProcessStartInfo("openssl", ["dgst", "-sha256", "-verify", "key", "-keyform", "DER", "-signature", "signature", "signed"])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;

        (await openssl.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim().ShouldBe("Verified OK");
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task After_its_time_a_key_is_replaced_its_tokens_go_on_to_their_end_and_then_it_is_gone()
    {
        await using var portal = new Portal(("KeyPortal:Tokens:KeyLifetimeDays", "2"));
        var alice = (await Cast.EnterAsync(portal)).Alice;
        var client = new Client(portal.CreateClient(), null);
        var (keys, old) = (portal.Get<SigningKeys>(), portal.Get<SigningKeys>().Newest.Id);
        portal.Clock.Advance(TimeSpan.FromDays(2) - TimeSpan.FromMilliseconds(1));
        await keys.KeepAsync(TestContext.Current.CancellationToken);
        keys.Newest.Id.ShouldBe(old);

        var before = (await portal.TokensAsync(alice)).AccessToken;
        portal.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await keys.KeepAsync(TestContext.Current.CancellationToken);
        keys.Newest.Id.ShouldNotBe(old);
        var after = (await portal.TokensAsync(alice)).AccessToken;
        (await KidsAsync(client)).ShouldBe([keys.Newest.Id, old]);
        KeyFiles(portal).Length.ShouldBe(2);
        after.Split('.')[0].ShouldNotBe(before.Split('.')[0]);

        portal.Clock.Advance(AccessTokens.Lifetime - TimeSpan.FromSeconds(2));
        foreach (var token in (string[])[before, after])
        {
            (await client.WithToken(token).GetAsync(Client.Keys)).Is(HttpStatusCode.OK);
        }

        portal.Clock.Advance(TimeSpan.FromMinutes(1) + TimeSpan.FromSeconds(2));
        (await KidsAsync(client)).ShouldBe([keys.Newest.Id], "also before its file is deleted");
        await keys.KeepAsync(TestContext.Current.CancellationToken);
        KeyFiles(portal).ShouldHaveSingleItem();
        var entry = (await portal.EntriesAsync(keys.Newest.Id)).Single();
        (entry.OrganizationId, entry.Action).ShouldBe(("instance", "signing_key.rotated"));
    }

    [Fact]
    public async Task A_key_whose_last_token_is_over_verifies_nothing_more()
    {
        await using var portal = new Portal();
        var token = (await portal.TokensAsync((await Cast.EnterAsync(portal)).Alice)).AccessToken;
        var (keys, old) = (portal.Get<SigningKeys>(), portal.Get<SigningKeys>().Newest);
        portal.Clock.Advance(TimeSpan.FromMinutes(1));
        await keys.RotateAsync(TestContext.Current.CancellationToken);
        portal.Clock.Advance(SigningKeys.Honoured);
        var now = portal.Clock.Now.ToUnixTimeSeconds();
        var claims = portal.Get<AccessTokens>();

        // As if the old key had been stolen: it signs what would be good today.
        var forged = new Forger(portal, token).Claims;
        var stolen = new AccessTokenClaims(Text("iss"), Text("aud"), Text("sub"), Text("sid"), 0, Text("jti"), now, now, now + 900);

        claims.Verify(AccessTokens.Sign(old, stolen)).ShouldBeNull();
        claims.Verify(AccessTokens.Sign(keys.Newest, stolen)).ShouldNotBeNull();

        string Text(string claim) => forged[claim]!.GetValue<string>();
    }

    [Fact]
    public async Task Keys_outlast_a_restart_and_a_clock_that_was_set_back()
    {
        await using var first = new Portal { KeepsData = true };
        var old = first.Get<SigningKeys>().Newest.Id;
        first.Clock.Advance(TimeSpan.FromHours(-5));
        var made = (await first.Get<SigningKeys>().RotateAsync(TestContext.Current.CancellationToken)).Value.Id;
        await first.DisposeAsync();

        await using var second = new Portal(("KeyPortal:DataDirectory", first.DataDirectory));
        second.Get<SigningKeys>().Current().Select(k => k.Id).ShouldBe([made, old]);
    }

    [Fact]
    public async Task What_a_killed_rotation_leaves_counts_for_nothing_and_what_is_no_key_stops_the_start()
    {
        await using var portal = new Portal();
        var (data, keys) = (portal.Get<DataDirectory>(), portal.Get<SigningKeys>());
        var half = data.File("unfinished-signing-key-20991121T090000000Z");
        await File.WriteAllTextAsync(half, "-----BEGIN PRIV", TestContext.Current.CancellationToken);

        new SigningKeyFiles(data).Read().Select(k => k.Id).ShouldBe([keys.Newest.Id]);
        File.Exists(half).ShouldBeFalse();

        foreach (var (name, content) in (IEnumerable<(string, string)>)[("signing-key-20991121T090000000Z", "no key"), ("signing-key-tomorrow", Encoding.ASCII.GetString(SigningKey.New(TestClock.Start).ToPem()))])
        {
            await File.WriteAllTextAsync(data.File(name), content, TestContext.Current.CancellationToken);
            Should.Throw<StartupException>(() => new SigningKeyFiles(data).Read()).Message.ShouldContain(name);
            File.Delete(data.File(name));
        }
    }

    [Fact]
    public void Only_a_private_key_on_P_256_is_read()
    {
        using var wrongCurve = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        using var publicOnly = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        foreach (var pem in (string[])[wrongCurve.ExportPkcs8PrivateKeyPem(), rsa.ExportPkcs8PrivateKeyPem(), publicOnly.ExportSubjectPublicKeyInfoPem(), ""])
        {
            SigningKey.TryRead(pem, TestClock.Start).ShouldBeNull();
        }

        var made = SigningKey.New(TestClock.Start);
        SigningKey.TryRead(Encoding.ASCII.GetString(made.ToPem()), TestClock.Start)!.Id.ShouldBe(made.Id);
        made.ToString().ShouldBe($"signing key {made.Id}");
    }

    private static string[] KeyFiles(Portal portal) => Directory.GetFiles(portal.DataDirectory, "signing-key-*");

    private static async Task<IEnumerable<string>> KidsAsync(Client client) => (await client.GetAsync(Jwks))["keys"].AsArray().Select(k => k!["kid"]!.GetValue<string>());

    /// <summary>Two numbers of 32 bytes as ASN.1 has them: no leading zeros, and one where the first bit would make a number negative.</summary>
    private static byte[] Der(byte[] signature)
    {
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(signature.AsSpan(0, 32).TrimStart((byte)0));
            writer.WriteIntegerUnsigned(signature.AsSpan(32).TrimStart((byte)0));
        }

        return writer.Encode();
    }
}
