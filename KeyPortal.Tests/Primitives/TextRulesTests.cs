using KeyPortal.Primitives;

namespace KeyPortal.Tests.Primitives;

public sealed class TextRulesTests
{
    [Theory]
    [InlineData("x")]
    [InlineData("ÄÖÜ ẞ")]
    [InlineData("שלום עולם")]
    [InlineData("🔑🔑")]
    [InlineData("a\u200Bb\u202E\u0001\uFFFF")]
    public void Any_unicode_is_text(string text) => TextRules.Check(text, "Name", 1, 120).ShouldBeNull();

    [Theory]
    [InlineData(null, "Name is required.")]
    [InlineData("", "Name is required and may not be blank.")]
    [InlineData(" \t\u00A0\u3000", "Name is required and may not be blank.")]
    [InlineData("a\0b", "Name holds the character U+0000 at position 1, which cannot be stored.")]
    public void What_cannot_be_kept_is_refused(string? text, string sentence) => TextRules.Check(text, "Name", 1, 120).ShouldBe(sentence);

    [Fact]
    public void An_unpaired_surrogate_is_refused_wherever_it_stands()
    {
        TextRules.Check("\ud83d", "Name", 0, 9).ShouldNotBeNull();
        TextRules.Check("a\udd11", "Name", 0, 9).ShouldNotBeNull();
        TextRules.Check("\udd11\ud83d", "Name", 0, 9).ShouldNotBeNull();
    }

    [Fact]
    public void Length_counts_code_points()
    {
        TextRules.Check(string.Concat(Enumerable.Repeat("🔑", 120)), "Name", 1, 120).ShouldBeNull();
        TextRules.Check(string.Concat(Enumerable.Repeat("🔑", 121)), "Name", 1, 120).ShouldBe("Name may have 120 characters at most; this has 121.");
    }

    [Fact]
    public void An_optional_text_may_be_absent_or_blank()
    {
        TextRules.Check(null, "Description", 0, 10).ShouldBeNull();
        TextRules.Check("  ", "Description", 0, 10).ShouldBeNull();
    }
}
