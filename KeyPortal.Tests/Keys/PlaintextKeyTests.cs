using System.Text.Json;
using KeyPortal.Keys;

namespace KeyPortal.Tests.Keys;

public sealed class PlaintextKeyTests
{
    public const string TestVector = "sk_test_0123456789ABCDEFGHIJKLMNOP4PdKB4";

    public static readonly TheoryData<string, KeyType, KeyEnvironment, string> Vectors = new()
    {
        { TestVector, KeyType.Secret, KeyEnvironment.Test, "sk_test_012345" },
        { "sk_live_0123456789ABCDEFGHIJKLMNOP2cbtEV", KeyType.Secret, KeyEnvironment.Live, "sk_live_012345" },
        { "pk_live_0123456789ABCDEFGHIJKLMNOP49O6qD", KeyType.Publishable, KeyEnvironment.Live, "pk_live_012345" },
        { "ak_live_0123456789ABCDEFGHIJKLMNOP4AKU2a", KeyType.Agent, KeyEnvironment.Live, "ak_live_012345" },
        { "acme_sk_live_0123456789ABCDEFGHIJKLMNOP3DJ86V", KeyType.Secret, KeyEnvironment.Live, "acme_sk_live_012345" },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void The_published_vectors_are_keys(string text, KeyType type, KeyEnvironment environment, string start)
    {
        PlaintextKey.TryParse(text, out var key).ShouldBeTrue();
        key.Type.ShouldBe(type);
        key.Environment.ShouldBe(environment);
        key.Start.ShouldBe(start);
        key.Expose().ShouldBe(text);
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Every_change_of_one_character_is_refused(string text, KeyType type, KeyEnvironment environment, string start)
    {
        _ = (type, environment, start);
        for (var i = 0; i < text.Length; i++)
        {
            foreach (var c in PlaintextKey.Alphabet + "_- \0é０")
            {
                if (c != text[i])
                {
                    PlaintextKey.TryParse(text[..i] + c + text[(i + 1)..], out _).ShouldBeFalse($"'{c}' at {i}");
                }
            }

            PlaintextKey.TryParse(text.Remove(i, 1), out _).ShouldBeFalse($"without {i}");
            PlaintextKey.TryParse(text.Insert(i, "0"), out _).ShouldBeFalse($"0 before {i}");
            if (i + 1 < text.Length && text[i] != text[i + 1])
            {
                PlaintextKey.TryParse($"{text[..i]}{text[i + 1]}{text[i]}{text[(i + 2)..]}", out _).ShouldBeFalse($"{i} and the next swapped");
            }
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sk_test_")]
    [InlineData(" " + TestVector)]
    [InlineData(TestVector + " ")]
    [InlineData(TestVector + "\n")]
    [InlineData("SK_TEST_0123456789ABCDEFGHIJKLMNOP4PdKB4")]
    [InlineData("Bearer " + TestVector)]
    public void Anything_around_a_key_is_refused(string? text) => PlaintextKey.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("_sk_live_")]
    [InlineData("a_sk_live_")]
    [InlineData("1a_sk_live_")]
    [InlineData("Acme_sk_live_")]
    [InlineData("ac-me_sk_live_")]
    [InlineData("ac_me_sk_live_")]
    [InlineData("abcdefghijklm_sk_live_")]
    [InlineData("acmesk_live_")]
    [InlineData("xk_live_")]
    [InlineData("sk_prod_")]
    [InlineData("sklive_")]
    public void A_prefix_of_another_form_is_refused_even_with_a_right_checksum(string prefix) => PlaintextKey.TryParse(Sealed(prefix), out _).ShouldBeFalse();

    [Theory]
    [InlineData("ab_pk_test_")]
    [InlineData("sk_sk_live_")]
    [InlineData("a2345678901z_ak_test_")]
    public void A_brand_has_two_to_twelve_characters_and_begins_with_a_letter(string prefix) => PlaintextKey.TryParse(Sealed(prefix), out _).ShouldBeTrue();

    [Fact]
    public void A_made_key_can_be_read_and_no_two_are_alike()
    {
        var seen = new HashSet<string>();
        foreach (var brand in (string[])["", "acme", "a2345678901z"])
        {
            foreach (var type in Enum.GetValues<KeyType>())
            {
                foreach (var environment in Enum.GetValues<KeyEnvironment>())
                {
                    var made = PlaintextKey.Generate(type, environment, brand);
                    made.Expose().Length.ShouldBeLessThanOrEqualTo(PlaintextKey.MaxLength);
                    made.Expose().ShouldStartWith(brand.Length == 0 ? "" : brand + "_");
                    PlaintextKey.TryParse(made.Expose(), out var read).ShouldBeTrue();
                    (read.Type, read.Environment, read.Start).ShouldBe((type, environment, made.Start));
                    seen.Add(made.Expose()).ShouldBeTrue();
                }
            }
        }
    }

    /// <summary>Pearson's chi-squared over 62 characters: 61 degrees of freedom, beyond 150 once in 10^9 runs; a modulo of bytes would give about 3,000.</summary>
    [Fact]
    public void The_random_part_draws_every_character_equally_often()
    {
        const int keys = 8_000;
        var counts = new int[128];
        for (var i = 0; i < keys; i++)
        {
            foreach (var c in PlaintextKey.Generate(KeyType.Secret, KeyEnvironment.Test, "").Expose().AsSpan(8, PlaintextKey.RandomLength))
            {
                counts[c]++;
            }
        }

        const double expected = keys * (double)PlaintextKey.RandomLength / 62;
        PlaintextKey.Alphabet.Sum(c => Math.Pow(counts[c] - expected, 2) / expected).ShouldBeLessThan(150);
        counts.Sum().ShouldBe(keys * PlaintextKey.RandomLength);
    }

    [Fact]
    public void A_key_prints_its_start_and_does_not_serialize()
    {
        PlaintextKey.TryParse(TestVector, out var key).ShouldBeTrue();
        key.ToString().ShouldBe("sk_test_012345…");
        $"{key}".ShouldNotContain("6789");
        Should.Throw<NotSupportedException>(() => JsonSerializer.Serialize(key));
        Should.Throw<NotSupportedException>(() => JsonSerializer.Serialize(new { key }));
        Should.Throw<NotSupportedException>(() => JsonSerializer.Deserialize<PlaintextKey>($"\"{TestVector}\""));
    }

    [Fact]
    public void What_carries_a_plaintext_key_prints_none()
    {
        PlaintextKey.TryParse(TestVector, out var key).ShouldBeTrue();
        new IssuedKey(null!, key).ToString().ShouldNotContain("6789");
        new KeyPortal.Validation.ValidationRequest { Key = TestVector }.ToString().ShouldNotContain("6789");
        new KeyPortal.Setup.FirstOwner("Acme", "Alice", "alice@acme.example", "open sesame 123").ToString().ShouldNotContain("sesame");
    }

    [Fact]
    public void The_lookup_hash_is_the_published_one()
    {
        using var pepper = new Pepper("0001-test", [.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
        PlaintextKey.TryParse(TestVector, out var key).ShouldBeTrue();
        Convert.ToHexStringLower(pepper.HashOf(key).ToArray()).ShouldBe("ee99d481b91580d9d57d3d9f00f8dbb69a5c52bd6666a3b4da90b1f7602e849f");
        pepper.HashOf(key).ShouldBe(pepper.HashOf(key));
        pepper.ToString().ShouldBe("pepper 0001-test");
    }

    [Fact]
    public void Two_hashes_differ_when_any_byte_does()
    {
        var bytes = new byte[LookupHash.Size];
        var zero = LookupHash.From(bytes);
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = 1;
            (LookupHash.From(bytes) == zero).ShouldBeFalse();
            LookupHash.From(bytes).ToArray().ShouldBe(bytes);
            bytes[i] = 0;
        }

        Should.Throw<ArgumentException>(() => LookupHash.From(new byte[31]));
    }

    private static string Sealed(string prefix)
    {
        var body = prefix + "0123456789ABCDEFGHIJKLMNOP";
        return body + PlaintextKey.Checksum(body);
    }
}
