using KeyPortal.Primitives;

namespace KeyPortal.Tests.Primitives;

public sealed class ScopeTests
{
    [Theory]
    [InlineData("triggers:read", "triggers", "read")]
    [InlineData("triggers:*", "triggers", "*")]
    [InlineData("billing.invoices:read-all", "billing.invoices", "read-all")]
    [InlineData("a1-b.2:x", "a1-b.2", "x")]
    public void A_scope_is_a_resource_and_an_action(string text, string resource, string action)
    {
        Scope.TryParse(text, out var scope).ShouldBeTrue();
        (scope.Resource, scope.Action, scope.Value, scope.IsWildcard).ShouldBe((resource, action, text, action == "*"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("*:*")]
    [InlineData("*:read")]
    [InlineData("triggers")]
    [InlineData("triggers:")]
    [InlineData(":read")]
    [InlineData("triggers:read:all")]
    [InlineData("triggers:re*")]
    [InlineData("triggers:read2")]
    [InlineData("Triggers:read")]
    [InlineData(".a:read")]
    [InlineData("a.:read")]
    [InlineData("a..b:read")]
    [InlineData("a b:read")]
    [InlineData("triggers:read\n")]
    [InlineData("triggers:read ")]
    [InlineData("trıggers:read")]
    public void Other_forms_are_refused(string? text) => Scope.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void A_hundred_characters_are_the_most()
    {
        Scope.TryParse(new string('a', 95) + ":read", out _).ShouldBeTrue();
        Scope.TryParse(new string('a', 96) + ":read", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("a:*", "a:read", true)]
    [InlineData("a:*", "a:*", true)]
    [InlineData("a:read", "a:*", false)]
    [InlineData("a:read", "a:read", true)]
    [InlineData("a:*", "a.b:read", false)]
    [InlineData("a:*", "ab:read", false)]
    public void A_wildcard_covers_its_own_resource_and_nothing_else(string held, string needed, bool covered) =>
        Scope.Parse(held).Covers(Scope.Parse(needed)).ShouldBe(covered);
}
