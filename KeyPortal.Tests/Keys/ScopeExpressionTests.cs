using KeyPortal.Keys;
using KeyPortal.Primitives;

namespace KeyPortal.Tests.Keys;

public sealed class ScopeExpressionTests
{
    [Theory]
    [InlineData("a:read", "a:read", true)]
    [InlineData("a:read", "a:write", false)]
    [InlineData("a:read", "a:*", true)]
    [InlineData("a:*", "a:read", false)]
    [InlineData("a:*", "a:*", true)]
    [InlineData("a.b:read", "a:*", false)]
    [InlineData("a:read AND b:read", "a:read", false)]
    [InlineData("a:read AND b:read", "a:read b:read", true)]
    [InlineData("a:read OR b:read", "b:read", true)]
    [InlineData("a:read OR b:read AND c:read", "a:read", true)] // AND binds tighter: with (a OR b) AND c this would be false.
    [InlineData("a:read AND b:read OR c:read", "c:read", true)]
    [InlineData("(a:read OR b:read) AND c:read", "a:read", false)]
    [InlineData("(a:read OR b:read) AND c:read", "b:read c:read", true)]
    [InlineData("a:read AND (b:read OR b:write)", "a:read b:write", true)]
    [InlineData("((a:read))", "a:read", true)]
    [InlineData("(a:read)OR(b:read)", "b:read", true)]
    [InlineData("a:read", "", false)]
    public void An_expression_asks_what_it_says(string expression, string held, bool met)
    {
        ScopeExpression.TryParse(expression, out var parsed).ShouldBeTrue();
        parsed.IsMetBy([.. held.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Scope.Parse)]).ShouldBe(met);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("()")]
    [InlineData("a:read b:read")]
    [InlineData("a:read AND")]
    [InlineData("OR a:read")]
    [InlineData("a:read and b:read")]
    [InlineData("a:read AND OR b:read")]
    [InlineData("(a:read")]
    [InlineData("a:read)")]
    [InlineData("a:read)(")]
    [InlineData("NOT a:read")]
    [InlineData("a:read\tAND b:read")]
    [InlineData("a:read\0")]
    [InlineData("A:READ")]
    [InlineData("a:read AND (b:read OR)")]
    public void What_is_no_expression_is_refused(string? text) => ScopeExpression.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void Depth_and_length_are_bounded()
    {
        ScopeExpression.TryParse(Nested(20), out _).ShouldBeTrue();
        ScopeExpression.TryParse(Nested(21), out _).ShouldBeFalse();
        ScopeExpression.TryParse(new string('(', ScopeExpression.MaxLength), out _).ShouldBeFalse();
        ScopeExpression.TryParse("a:b" + new string(' ', ScopeExpression.MaxLength - 3), out _).ShouldBeTrue();
        ScopeExpression.TryParse("a:b" + new string(' ', ScopeExpression.MaxLength - 2), out _).ShouldBeFalse();
        static string Nested(int depth) => new string('(', depth) + "a:b" + new string(')', depth);
    }

    [Fact]
    public void No_scope_asked_for_is_always_met() => ScopeExpression.All([]).IsMetBy([]).ShouldBeTrue();

    [Fact]
    public void All_of_a_list_are_needed()
    {
        var both = ScopeExpression.All([Scope.Parse("a:read"), Scope.Parse("b:read")]);
        both.IsMetBy([Scope.Parse("a:read")]).ShouldBeFalse();
        both.IsMetBy([Scope.Parse("b:*"), Scope.Parse("a:*")]).ShouldBeTrue();
    }

    [Fact]
    public void A_random_expression_means_what_a_naive_evaluation_of_it_means()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        string[] scopes = ["a:read", "a:write", "b:read", "b:write", "c.d:read"];
        string[] holdable = [.. scopes, "a:*", "b:*", "c.d:*", "c:*"];
        for (var i = 0; i < 3000; i++)
        {
            var (text, meaning) = Random(3);
            HashSet<string> held = [.. random.GetItems(holdable, random.Next(4))];
            ScopeExpression.TryParse(text, out var parsed).ShouldBeTrue($"seed {seed}: {text}");
            parsed.IsMetBy([.. held.Select(Scope.Parse)]).ShouldBe(meaning(held), $"seed {seed}: {text} with {string.Join(' ', held)}");
        }

        (string, Func<HashSet<string>, bool>) Random(int depth)
        {
            if (depth == 0 || random.Next(4) == 0)
            {
                var scope = random.GetItems(scopes, 1)[0];
                return (scope, held => held.Contains(scope) || held.Contains(scope[..scope.IndexOf(':', StringComparison.Ordinal)] + ":*"));
            }

            var (left, leftMeans) = Random(depth - 1);
            var (right, rightMeans) = Random(depth - 1);
            return random.Next(2) == 0
                ? ($"({left}) AND ({right})", held => leftMeans(held) && rightMeans(held))
                : ($"({left}) OR ({right})", held => leftMeans(held) || rightMeans(held));
        }
    }

    [Fact]
    public void Without_parentheses_an_expression_is_an_or_of_ands()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        string[] scopes = ["a:x", "b:x", "c:x", "d:x"];
        for (var i = 0; i < 2000; i++)
        {
            string[][] groups = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.GetItems(scopes, random.Next(1, 4)))];
            var text = string.Join(" OR ", groups.Select(g => string.Join(" AND ", g)));
            string[] held = [.. random.GetItems(scopes, random.Next(4)).Distinct()];
            ScopeExpression.TryParse(text, out var parsed).ShouldBeTrue(text);
            parsed.IsMetBy([.. held.Select(Scope.Parse)]).ShouldBe(groups.Any(g => g.All(held.Contains)), $"seed {seed}: {text} with {string.Join(' ', held)}");
        }
    }

    [Fact]
    public void It_prints_so_that_a_person_can_read_it()
    {
        ScopeExpression.TryParse("a:read AND (b:read OR b:write AND c:read)", out var parsed).ShouldBeTrue();
        parsed.ToString().ShouldBe("a:read and (b:read or b:write and c:read)");
    }

    [Fact]
    public void Its_text_is_read_back_as_an_equal_one_which_means_the_same()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        string[] scopes = ["a:x", "b:x", "c:x", "d:x"];
        string Write(int depth) => depth == 0 || random.Next(4) == 0
            ? random.GetItems(scopes, 1)[0]
            : "(" + string.Join(random.Next(2) == 0 ? " AND " : " OR ", Enumerable.Range(0, random.Next(1, 4)).Select(_ => Write(depth - 1))) + ")";
        for (var i = 0; i < 2000; i++)
        {
            var text = Write(4);
            ScopeExpression.TryParse(text, out var first).ShouldBeTrue(text);
            ScopeExpression.TryParse(first.ToText(), out var again).ShouldBeTrue($"seed {seed}: {first.ToText()}");
            again.ToText().ShouldBe(first.ToText());
            List<Scope> held = [.. random.GetItems(scopes, random.Next(4)).Distinct().Select(Scope.Parse)];
            again.IsMetBy(held).ShouldBe(first.IsMetBy(held), $"seed {seed}: {text} became {first.ToText()}");
            ScopeExpression.TryParse(text, out var twin).ShouldBeTrue();
            (twin.Equals(first), twin.GetHashCode() == first.GetHashCode()).ShouldBe((true, true));
        }
    }

    [Theory]
    [InlineData("a:x AND b:x", "a:x OR b:x")]
    [InlineData("a:x AND b:x", "b:x AND a:x")]
    [InlineData("a:x AND b:x", "a:x")]
    [InlineData("a:x", "a:*")]
    public void Different_demands_are_not_equal(string one, string other)
    {
        ScopeExpression.TryParse(one, out var first).ShouldBeTrue();
        ScopeExpression.TryParse(other, out var second).ShouldBeTrue();
        first.ShouldNotBe(second);
    }

    [Fact]
    public void An_empty_list_asks_for_nothing_and_has_no_text() => ScopeExpression.All([]).ToText().ShouldBe("");
}
