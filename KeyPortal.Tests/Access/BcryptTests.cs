using KeyPortal.Access;
using KeyPortal.Primitives;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace KeyPortal.Tests.Access;

public sealed class BcryptTests
{
    /// <summary>Answers of another implementation, libxcrypt's crypt(3), for base64(SHA-256(password)).</summary>
    public static readonly TheoryData<string, string> Known = new()
    {
        { "", "$2b$05$abcdefghijklmnopqrstuudCKF6bhOrlkpjE6hiKxcyCejqaa6bHy" },
        { "correct horse battery staple", "$2b$05$abcdefghijklmnopqrstuuo1dsFCCfLvEm05UPkhVfITTBtz/RdHi" },
        { "pässwörd 🔑", "$2b$05$abcdefghijklmnopqrstuuPIbM2NVWbjyTFMTw2JbDsWtO7N6h8SS" },
        { new string('a', 128), "$2b$05$abcdefghijklmnopqrstuujrLinBKIf.CVDa6K3owUhGo1hm/gsEi" },
        { "a\0b", "$2b$05$abcdefghijklmnopqrstuumDusAKQCMtckD9WCPdPU6kMjfvbiWUC" },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void Known_answers_verify_and_nothing_close_does(string password, string hash)
    {
        Bcrypt.VerifyOfSha256(password, hash).ShouldBeTrue();
        Bcrypt.VerifyOfSha256(password + "a", hash).ShouldBeFalse();
        Bcrypt.VerifyOfSha256(password + "\0", hash).ShouldBeFalse();
        for (var i = 29; i < hash.Length; i++)
        {
            // The last character of 184 bits in base64 carries two bits that count for nothing.
            var other = hash[i] == 'A' ? 'k' : 'A';
            Bcrypt.VerifyOfSha256(password, $"{hash[..i]}{other}{hash[(i + 1)..]}").ShouldBeFalse($"character {i}");
        }
    }

    [Fact]
    public void Passwords_that_differ_after_byte_72_or_after_a_zero_differ()
    {
        var hash = Bcrypt.HashOfSha256(new string('x', 72) + "a", Bcrypt.MinCost);
        Bcrypt.VerifyOfSha256(new string('x', 72) + "a", hash).ShouldBeTrue();
        Bcrypt.VerifyOfSha256(new string('x', 72) + "b", hash).ShouldBeFalse();
        Bcrypt.VerifyOfSha256("a\0b", Bcrypt.HashOfSha256("a\0c", Bcrypt.MinCost)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("$2b$10$abcdefghijklmnopqrstuu", 10)]
    [InlineData("$2b$04$x", 4)]
    [InlineData("", 0)]
    [InlineData("$2b$", 0)]
    [InlineData("$2b$xx$x", 0)]
    public void The_cost_is_read_from_the_hash(string hash, int cost) => Bcrypt.CostOf(hash).ShouldBe(cost);

    [Fact]
    public void A_hash_has_the_cost_asked_for_and_a_salt_of_its_own()
    {
        var (one, two) = (Bcrypt.HashOfSha256("same", 5), Bcrypt.HashOfSha256("same", 5));
        one.ShouldStartWith("$2b$05$");
        one.Length.ShouldBe(60);
        one.ShouldNotBe(two);
    }

    [Fact]
    public void A_hash_of_a_lower_cost_is_right_but_wants_renewal()
    {
        var hasher = new BcryptPasswordHasher(Options.Create(new PasswordSettings { BcryptCost = 5 }));
        var user = new IdentityUser();
        hasher.VerifyHashedPassword(user, Bcrypt.HashOfSha256("right", 5), "right").ShouldBe(PasswordVerificationResult.Success);
        hasher.VerifyHashedPassword(user, Bcrypt.HashOfSha256("right", 4), "right").ShouldBe(PasswordVerificationResult.SuccessRehashNeeded);
        hasher.VerifyHashedPassword(user, Bcrypt.HashOfSha256("right", 4), "wrong").ShouldBe(PasswordVerificationResult.Failed);
    }
}
