using KeyPortal.Access;

namespace KeyPortal.Tests.Access;

public sealed class EmailTests
{
    [Theory]
    [InlineData("alice@example.com")]
    [InlineData("a.b+c_d-e@mail.example.co.uk")]
    [InlineData("o'neil@example.com")]
    [InlineData("grüße@bücher.example")]
    public void An_address_has_a_name_an_at_and_a_domain(string text) => Email.IsAddress(text).ShouldBeTrue();

    [Theory]
    [InlineData("")]
    [InlineData("alice")]
    [InlineData("alice@")]
    [InlineData("@example.com")]
    [InlineData("alice@localhost")]
    [InlineData("alice@example.com.")]
    [InlineData("alice@.com")]
    [InlineData("alice@example..com")]
    [InlineData("alice@[127.0.0.1]")]
    [InlineData("alice@127.0.0.1")]
    [InlineData("alice@@example.com")]
    [InlineData("alice@example.com@evil.test")]
    [InlineData("Alice <alice@example.com>")]
    [InlineData("\"alice\"@example.com")]
    [InlineData("alice@example.com, bob@example.com")]
    [InlineData("alice@example.com\r\nBcc: bob@example.com")]
    [InlineData(" alice@example.com")]
    [InlineData("alice@exa mple.com")]
    [InlineData("alice(comment)@example.com")]
    [InlineData("al\0ice@example.com")]
    [InlineData("alice@example.com\u200B")]
    public void Anything_else_is_none(string text) => Email.IsAddress(text).ShouldBeFalse();

    /// <summary>By itself, for an attribute cannot hold half a character.</summary>
    [Fact]
    public void Half_a_character_is_none() => Email.IsAddress("\ud800@example.com").ShouldBeFalse();

    [Fact]
    public void Its_length_is_bounded()
    {
        var domain = string.Join('.', Enumerable.Repeat(new string('d', 47), 4)) + ".example"; // 199 characters
        Email.IsAddress(new string('a', 254 - 200) + "@" + domain).ShouldBeTrue();
        Email.IsAddress(new string('a', 255 - 200) + "@" + domain).ShouldBeFalse();
    }
}
