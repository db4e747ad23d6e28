using FsCheck;
using FsCheck.Fluent;
using KeyPortal.Keys;
using KeyPortal.Primitives;

namespace KeyPortal.Tests.Keys.Properties;

/// <summary>
/// Scopes against a model that knows no matching: what is held is the set of all single scopes it opens, and an expression is a tree that is asked for every
/// such set there is.
/// </summary>
public sealed class ScopeProperties
{
    private static readonly string[] Resources = ["a", "ab", "a.b", "b-1"];
    private static readonly string[] Actions = ["read", "read-all", "w"];
    private static readonly string[] Holdable = [.. from resource in Resources from action in Actions.Append("*") select $"{resource}:{action}"];

    private static readonly Gen<string[]> Held = Gen.ArrayOf(Gen.Elements(Holdable)).Select(held => held.Take(6).ToArray());

    /// <summary>A wildcard opens each action, and the right to hand out the wildcard itself; anything else opens itself.</summary>
    private static HashSet<string> Opened(IEnumerable<string> held) =>
        [.. held.SelectMany(scope => scope.EndsWith(":*", StringComparison.Ordinal) ? Actions.Append("*").Select(action => scope[..^1] + action) : [scope])];

    private static List<Scope> Parsed(IEnumerable<string> scopes) => [.. scopes.Select(Scope.Parse)];

    [Fact]
    public void A_scope_covers_what_it_opens_and_nothing_else() => Judge.Holds(
        Arb.From(from held in Gen.Elements(Holdable) from needed in Gen.Elements(Holdable) select (held, needed)),
        pair => Scope.Parse(pair.held).Covers(Scope.Parse(pair.needed)) == Opened([pair.held]).Contains(pair.needed));

    [Fact]
    public void Of_many_held_one_that_covers_is_enough() => Judge.Holds(
        Arb.From(from held in Held from needed in Gen.Elements(Holdable) select (held, needed)),
        pair => Scope.AnyCovers(Parsed(pair.held), Scope.Parse(pair.needed)) == Opened(pair.held).Contains(pair.needed));

    [Fact]
    public void A_list_asks_for_every_one_of_it() => Judge.Holds(
        Arb.From(from held in Held from needed in Held select (held, needed)),
        pair => ScopeExpression.All(Parsed(pair.needed)).IsMetBy(Parsed(pair.held)) == Opened(pair.held).IsSupersetOf(pair.needed));

    [Fact]
    public void An_expression_is_met_by_just_those_sets_that_its_tree_is_met_by() => Judge.Holds(
        Arb.From(from tree in Trees(4) from text in Written(tree, 0) select (tree, text)),
        made => ScopeExpression.TryParse(made.text, out var expression)
            && Subsets([.. made.tree.Scopes.Distinct().Take(5).Concat(made.tree.Scopes.Take(2).Select(s => s[..s.IndexOf(':', StringComparison.Ordinal)] + ":*"))])
                .All(held => expression.IsMetBy(Parsed(held)) == made.tree.IsMetBy(Opened(held))),
        times: 400);

    [Fact]
    public void What_is_printed_is_read_as_the_same_expression() => Judge.Holds(
        Arb.From(from tree in Trees(4) from text in Written(tree, 0) select text),
        text => ScopeExpression.TryParse(text, out var first) && ScopeExpression.TryParse(first.ToText(), out var again)
            && again.ToText() == first.ToText() && IsSameTo(first, again));

    [Fact]
    public void Whatever_is_read_an_expression_comes_of_it_or_none_and_a_scope_likewise() => Judge.Holds(
        Judge.Texts(Gen.OneOf(Judge.Garbage("a:b", "a:*", "(", ")", " ", "AND", " AND ", " OR ", "OR", "and", "*", ":", ".", "\t", "\0", "\ud800"), ArbMap.Default.GeneratorFor<string>().Select(text => text ?? ""))),
        text =>
        {
            var isScope = Scope.TryParse(text, out var scope);
            var isExpression = ScopeExpression.TryParse(text, out var expression);
            return (!isScope || (isExpression && scope!.Value == text && expression!.ToText() == text))
                && (!isExpression || (ScopeExpression.TryParse(expression!.ToText(), out var again) && IsSameTo(expression, again)));
        },
        times: 5000);

    /// <summary>Two that mean the same to each of some sets; printing drops parentheses, so that their trees may differ.</summary>
    private static bool IsSameTo(ScopeExpression one, ScopeExpression other)
    {
        var random = new Random(1);
        return Enumerable.Range(0, 50).All(_ =>
        {
            var held = Parsed(random.GetItems(Holdable, random.Next(8)).Append("a:b"));
            return one.IsMetBy(held) == other.IsMetBy(held);
        });
    }

    private static IEnumerable<string[]> Subsets(string[] of) =>
        Enumerable.Range(0, 1 << of.Length).Select(bits => of.Where((_, i) => (bits >> i & 1) == 1).ToArray());

    private static Gen<Tree> Trees(int depth)
    {
        var leaf = Gen.Elements(Holdable).Select(scope => new Tree(scope, false, []));
        return depth == 0 ? leaf : Gen.Frequency(
            (1, leaf),
            (2, from all in Gen.Elements(true, false)
                from count in Gen.Choose(1, 3)
                from parts in Gen.ArrayOf(Trees(depth - 1), count)
                select new Tree(null, all, parts)));
    }

    /// <summary>The tree as a person may write it: parentheses where they are needed, and elsewhere now and then; blanks where they please.</summary>
    private static Gen<string> Written(Tree tree, int around)
    {
        // How tightly it binds: OR 0, AND 1, a scope 2.
        var own = tree.Scope is not null || tree.Parts.Length == 1 ? 2 : tree.All ? 1 : 0;
        var plain = tree.Scope is { } scope ? Gen.Constant(scope)
            : tree.Parts.Aggregate((Gen<string>?)null, (text, part) => text is null
                ? Written(part, tree.Parts.Length == 1 ? around : own)
                : from left in text from right in Written(part, own) select $"{left} {(tree.All ? "AND" : "OR")} {right}")!;
        return from text in plain
               from extra in Gen.Choose(0, 4)
               from blank in Gen.Elements("", " ", "  ")
               select own < around || extra == 0 ? $"({blank}{text})" : text;
    }

    private sealed record Tree(string? Scope, bool All, Tree[] Parts)
    {
        public IEnumerable<string> Scopes => Scope is not null ? [Scope] : Parts.SelectMany(part => part.Scopes);

        public bool IsMetBy(HashSet<string> opened) =>
            Scope is not null ? opened.Contains(Scope)
            : All ? Parts.All(part => part.IsMetBy(opened))
            : Parts.Any(part => part.IsMetBy(opened));
    }
}
