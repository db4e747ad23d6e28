using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using Xunit.Sdk;

namespace KeyPortal.Tests.Keys.Properties;

/// <summary>
/// Holds a property against many made inputs, twice: from a seed that never changes and from one that is new at each run. A failure names its seed; the
/// variable <c>KEYPORTAL_SEED</c> runs that one again.
/// </summary>
internal static class Judge
{
    private const ulong Fixed = 20261121;

    public static void Holds<T>(Arbitrary<T> inputs, Func<T, bool> property, int times = 1000)
    {
        foreach (var seed in (ulong[])[Fixed, Chosen()])
        {
            try
            {
                Check.One(
                    Config.QuickThrowOnFailure.WithMaxTest(times).WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(seed), FSharpOption<int>.None))),
                    Prop.ForAll(inputs, property));
            }
            catch (Exception e)
            {
                throw new XunitException($"KEYPORTAL_SEED={seed}: {e.Message}", e);
            }
        }
    }

    /// <summary>Texts that are shortened as long as they fail.</summary>
    public static Arbitrary<string> Texts(Gen<string> gen) => Arb.From(gen, text => Enumerable.Range(0, text.Length).Select(at => text.Remove(at, 1)));

    /// <summary>Texts of these pieces, and with one stray character in them now and then.</summary>
    public static Gen<string> Garbage(params string[] pieces) =>
        from parts in Gen.ArrayOf(Gen.Elements(pieces))
        from stray in Gen.Frequency((3, Gen.Constant("")), (1, ArbMap.Default.GeneratorFor<char>().Select(c => c.ToString())))
        from at in Gen.Choose(0, parts.Length)
        select string.Concat(parts.Take(at)) + stray + string.Concat(parts.Skip(at));

    /// <summary>A text with one character taken out, doubled or replaced; or left as it is.</summary>
    public static Gen<string> Bent(string text, string with) =>
        from at in Gen.Choose(0, Math.Max(0, text.Length - 1))
        from c in Gen.Elements(with.ToCharArray())
        from how in Gen.Choose(0, 5)
        select text.Length == 0 ? text : how switch
        {
            0 => text.Remove(at, 1),
            1 => text.Insert(at, text[at].ToString()),
            2 => text.Remove(at, 1).Insert(at, c.ToString()),
            3 => text.Insert(at, c.ToString()),
            4 => text + c,
            _ => text,
        };

    private static ulong Chosen() => ulong.TryParse(Environment.GetEnvironmentVariable("KEYPORTAL_SEED"), out var seed) ? seed : (ulong)Random.Shared.NextInt64(1, long.MaxValue);
}
