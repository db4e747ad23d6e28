using System.Text;
using KeyPortal.Access;
using KeyPortal.Primitives;

namespace KeyPortal.Tests.Access;

public sealed class TotpTests
{
    // RFC 6238, appendix B: the secret of the SHA-1 rows; the codes' last six of eight digits.
    private static readonly TotpSecret Rfc = TotpSecret.TryParse(Base32.Rfc4648.Encode(Encoding.ASCII.GetBytes("12345678901234567890")))!;

    [Theory]
    [InlineData(59, "94287082")]
    [InlineData(1111111109, "07081804")]
    [InlineData(1111111111, "14050471")]
    [InlineData(1234567890, "89005924")]
    [InlineData(2000000000, "69279037")]
    [InlineData(20000000000, "65353130")]
    public void Codes_are_those_of_RFC_6238(long seconds, string eightDigits) =>
        Totp.CodeAt(Rfc, DateTimeOffset.FromUnixTimeSeconds(seconds)).ShouldBe(eightDigits[2..]);

    [Theory]
    [InlineData(0, "755224")]
    [InlineData(1, "287082")]
    [InlineData(2, "359152")]
    [InlineData(9, "520489")]
    public void Codes_are_those_of_RFC_4226(long counter, string code) => Totp.CodeOf(Rfc, counter).ShouldBe(code);

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void A_clock_may_be_off_by_one_step(int steps, bool accepted)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        var step = Totp.StepAt(now) + steps;
        Totp.Match(Rfc, Totp.CodeOf(Rfc, step), now).ShouldBe(accepted ? step : null);
    }

    [Theory]
    [InlineData("287 082", true)]
    [InlineData(" 287082\n", true)]
    [InlineData("28708", false)]
    [InlineData("2870822", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("٢٨٧٠٨٢", false)]
    [InlineData("２８７０８２", false)]
    [InlineData("-87082", false)]
    public void Only_six_digits_are_a_code(string? typed, bool accepted) =>
        (Totp.Match(Rfc, typed, DateTimeOffset.FromUnixTimeSeconds(Totp.StepSeconds)) is not null).ShouldBe(accepted);

    [Fact]
    public void A_secret_is_160_bits_and_survives_being_typed_by_hand()
    {
        var secret = TotpSecret.New();
        var shown = secret.ExposeBase32();

        shown.Length.ShouldBe(32);
        TotpSecret.TryParse(Base32.InFours(shown, ' ').ToLowerInvariant())!.ExposeBase32().ShouldBe(shown);
        TotpSecret.New().ExposeBase32().ShouldNotBe(shown);
        TotpSecret.TryParse(shown[..24]).ShouldBeNull();
        TotpSecret.TryParse(shown[..31] + "1").ShouldBeNull();
        secret.ToString().ShouldBe("TotpSecret(…)");
    }

    [Fact]
    public void The_address_in_the_QR_code_names_issuer_and_account()
    {
        Rfc.ExposeUri("Ünïcode: Söhne & Co", "alice+x@acme.example").ShouldBe(
            "otpauth://totp/%C3%9Cn%C3%AFcode%20%20S%C3%B6hne%20%26%20Co:alice%2Bx%40acme.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
            + "&issuer=%C3%9Cn%C3%AFcode%20%20S%C3%B6hne%20%26%20Co&algorithm=SHA1&digits=6&period=30");
    }
}
