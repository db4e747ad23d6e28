using FsCheck;
using FsCheck.Fluent;
using KeyPortal.Keys;

namespace KeyPortal.Tests.Keys.Properties;

/// <summary>Origins and resources against models that compare what they were made of, never their texts.</summary>
public sealed class OriginProperties
{
    private static readonly Gen<string> Labels = Gen.Elements("a", "b", "www", "example", "evil", "com", "test", "a-b", "xn--bcher-kva");

    private static readonly Gen<Parts> Made =
        from scheme in Gen.Elements("http", "https")
        from upper in Gen.Choose(0, 5)
        from count in Gen.Choose(1, 4)
        from labels in Gen.ArrayOf(Labels, count)
        from port in Gen.Elements<int?>(null, null, 80, 443, 8443, 1, 65535)
        select new Parts(upper == 0, scheme, labels, port);

    /// <summary>Something that shares much with another: made of it, with one part changed.</summary>
    private static Gen<Parts> Near(Parts made) =>
        from other in Made
        from how in Gen.Choose(0, 6)
        select how switch
        {
            0 => made,
            1 => made with { Scheme = other.Scheme },
            2 => made with { Port = other.Port },
            3 => made with { Labels = [.. other.Labels.Take(2), .. made.Labels] },
            4 => made with { Labels = made.Labels[1..] is { Length: > 0 } fewer ? fewer : made.Labels },
            5 => made with { Labels = [other.Labels[0] + made.Labels[0], .. made.Labels[1..]] },
            _ => other,
        };

    [Fact]
    public void An_origin_matches_itself_and_a_starred_one_what_lies_under_it() => Judge.Holds(
        Arb.From(from allowed in Made from starred in Gen.Elements(false, true) from sent in Near(allowed) select (allowed, starred, sent)),
        made => AllowedOrigin.TryParse(made.allowed.Text(made.starred), out var origin) && origin.Matches(made.sent.Text(starred: false)) == Matches(made.allowed, made.starred, made.sent),
        times: 5000);

    private static bool Matches(Parts allowed, bool starred, Parts sent)
    {
        if (allowed.Scheme != sent.Scheme || allowed.EffectivePort != sent.EffectivePort)
        {
            return false;
        }

        var more = sent.Labels.Length - allowed.Labels.Length;
        return (starred ? more > 0 : more == 0) && sent.Labels.Skip(more).SequenceEqual(allowed.Labels);
    }

    [Fact]
    public void Whatever_is_read_an_origin_comes_of_it_that_can_be_read_again_or_none() => Judge.Holds(
        Judge.Texts(Gen.OneOf(
            Judge.Garbage("http", "https", "://", ":", "/", "*.", "*", "a", "example.com", "127.0.0.1", "[::1]", "@", "\\", "%", "%41", "ü", "ß", "．", "\u00ad", "\u200d", "xn--", "xn--ü", "443", "0", "65536", ".", "-", "_", " ", "\0", "\ud800"),
            Made.SelectMany(made => Judge.Bent(made.Text(starred: true), "*./\\@:?#%[]uüß\u0000 \u202e0x")),
            ArbMap.Default.GeneratorFor<string>().Select(text => "https://" + text))),
        text => !AllowedOrigin.TryParse(text, out var origin)
            || (AllowedOrigin.TryParse(origin.ToString(), out var again) && again == origin && !origin.ToString().Any(c => c is <= ' ' or > '~')
                && (origin.ToString().Contains('*', StringComparison.Ordinal) || origin.Matches(origin.ToString()))),
        times: 5000);

    [Fact]
    public void Nothing_that_is_sent_makes_a_match_throw_and_only_an_origin_matches() => Judge.Holds(
        Judge.Texts(from sent in Made from bent in Judge.Bent(sent.Text(starred: false), "*./\\@:?#%[] \u0000ü\u202e") select bent),
        text => (string[])["https://example.com", "https://*.com", "http://*.example.com:8443"] is var allowed && allowed.All(one =>
            AllowedOrigin.TryParse(one, out var origin) && (!origin.Matches(text) || AllowedOrigin.TryParse(text, out _))),
        times: 5000);

    [Fact]
    public void A_resource_is_covered_by_itself_or_by_what_stands_before_a_closing_star() => Judge.Holds(
        Arb.From(from allowed in Gen.ArrayOf(Judge.Garbage("a", "b", "/", "*", "A", "ä", "é", "e\u0301", "ﬁ", "fi", "\u00ad"))
                 from asked in Gen.OneOf(Judge.Garbage("a", "b", "/", "*", "A", "ä", "é", "e\u0301", "ﬁ", "fi", "\u00ad"), Gen.Elements(allowed.Append("").ToArray()).Select(one => one.TrimEnd('*') + "/b"))
                 select (allowed: allowed.Where(one => one.Length > 0).ToArray(), asked)),
        made => Snapshots.WithResources(made.allowed).Check(KeyDemand.Nothing with { Resource = made.asked }, DateTimeOffset.UnixEpoch) is null
            == (made.allowed.Length == 0 || made.allowed.Any(one => IsCovered(one, made.asked))),
        times: 3000);

    private static bool IsCovered(string allowed, string asked)
    {
        for (var i = 0; i < allowed.Length; i++)
        {
            if (allowed[i] == '*' && i == allowed.Length - 1)
            {
                return true;
            }

            if (i >= asked.Length || asked[i] != allowed[i])
            {
                return false;
            }
        }

        return asked.Length == allowed.Length;
    }

    private sealed record Parts(bool Upper, string Scheme, string[] Labels, int? Port)
    {
        public int EffectivePort => Port ?? (Scheme == "https" ? 443 : 80);

        public string Text(bool starred)
        {
            var text = $"{Scheme}://{(starred ? "*." : "")}{string.Join('.', Labels)}{(Port is { } port ? ":" + port : "")}";
            return Upper ? text.ToUpperInvariant() : text;
        }
    }
}
