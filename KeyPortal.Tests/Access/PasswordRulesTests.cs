using KeyPortal.Access;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Access;

public sealed class PasswordRulesTests
{
    private static readonly string?[] Own = ["Alice Kim-Sørensen", "alice.kim@acme.example", "Acme Payments"];

    [Theory]
    [InlineData(Cast.Password)]
    [InlineData("tall green window")]
    [InlineData("Xk29$mmQ!vpo")]
    [InlineData("vier lange Wörter ohne Sinn")]
    [InlineData("蒼い空に白い雲が流れて行く")]
    [InlineData("🐳🦊🍋🚲🎻🌵🧲🪁🥨🛶🧭🪐")]
    [InlineData("alice likes her green tea cold")]
    [InlineData("            x7 and spaces count")]
    [InlineData("3f9c1e7a04b8d265")]
    public void These_are_hard_to_guess(string password) => PasswordRules.Check(password, Own).ShouldBeEmpty();

    [Theory]
    [InlineData("password1234")]
    [InlineData("Password123!")]
    [InlineData("P@ssw0rd1234")]
    [InlineData("passwordpassword")]
    [InlineData("passwordpasswordpasswordpassword")]
    [InlineData("letmeinletmein")]
    [InlineData("1q2w3e4r5t6y")]
    [InlineData("qwertyuiopasdfgh")]
    [InlineData("qwertz123456")]
    [InlineData("123456789012")]
    [InlineData("abcdefghijkl")]
    [InlineData("zyxwvutsrqponm")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("ababababababababababab")]
    [InlineData("aB3$aB3$aB3$aB3$")]
    [InlineData("Summer2026!!")]
    [InlineData("Welcome12345")]
    [InlineData("monkeydragon")]
    [InlineData("administrator")]
    public void Common_passwords_rows_of_keys_and_repetitions_are_not(string password) =>
        PasswordRules.Check(password, Own).ShouldHaveSingleItem().ShouldSatisfyAllConditions(e => e.Pointer.ShouldBe("/password"), e => e.Detail.ShouldContain("too easy to guess"));

    [Theory]
    [InlineData("acmepaymentsxy7")]
    [InlineData("Alice-Kim-Sørensen")]
    [InlineData("stnemyapemca-xw9")]
    [InlineData("4cm3p4ym3nts!?q")]
    [InlineData("sørensensørensen")]
    public void What_is_made_of_the_members_own_names_is_not_either(string password) =>
        PasswordRules.Check(password, Own).ShouldHaveSingleItem().Detail.ShouldContain("name, e-mail address or organization");

    [Fact]
    public void Somebody_elses_names_are_as_good_as_any_word() => PasswordRules.Check("acmepaymentsxy7", "Bob", "bob@umbra.example", "Umbra").ShouldBeEmpty();

    [Theory]
    [InlineData(11, false)]
    [InlineData(12, true)]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void It_has_12_to_128_characters_however_many_bytes(int length, bool good)
    {
        foreach (var letters in (string[])["xk29mmqvpozr7wtd", "🐳🦊🍋🚲🎻🌵🧲🪁🥨🛶🧭🪐🦉🎲🧶🪶"])
        {
            var runes = letters.EnumerateRunes().ToArray();
            var random = new Random(7);
            var password = string.Concat(Enumerable.Range(0, length).Select(_ => runes[random.Next(runes.Length)]));
            PasswordRules.Check(password).Count.ShouldBe(good ? 0 : 1, letters);
            PasswordRules.IsNotTooLong(password).ShouldBe(length <= 128);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("            ")]
    [InlineData("xk29mmqvpo\0zr7")]
    public void What_is_no_text_is_no_password(string? password) => PasswordRules.Check(password, Own).ShouldHaveSingleItem().Pointer.ShouldBe("/password");

    [Fact]
    public void Half_a_character_is_none_either() => PasswordRules.Check("xk29mmqvpo" + '\ud800' + "zr7", Own).ShouldHaveSingleItem().Pointer.ShouldBe("/password");

    [Fact]
    public void The_longest_is_judged_like_any_other()
    {
        var parts = Enumerable.Range(0, 50).Select(i => $"part{i}").ToArray();
        foreach (var password in (string[])[new string('1', 128), string.Concat(Enumerable.Repeat("p4ssw0rd", 16))])
        {
            PasswordRules.Check(password, parts).ShouldHaveSingleItem().Detail.ShouldContain("too easy to guess");
        }
    }
}
