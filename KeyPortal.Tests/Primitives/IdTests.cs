using System.Text;
using KeyPortal.Primitives;

namespace KeyPortal.Tests.Primitives;

public sealed class IdTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Ids_sort_by_time_as_text()
    {
        var ids = Enumerable.Range(0, 200).Select(i => EntityId.New(EntityId.Key, Now.AddMilliseconds(i * 7919L * 7919))).ToList();
        ids.Order(StringComparer.Ordinal).ShouldBe(ids);
        ids.ShouldAllBe(id => id.Length == 30 && id.StartsWith("key_"));
    }

    [Fact]
    public void Ids_of_one_millisecond_differ() =>
        Enumerable.Range(0, 1000).Select(_ => EntityId.New(EntityId.Key, Now)).Distinct().Count().ShouldBe(1000);

    [Fact]
    public void Request_ids_differ_across_threads() =>
        Enumerable.Range(0, 5000).AsParallel().Select(_ => RequestId.New(Now)).Distinct().Count().ShouldBe(5000);

    /// <summary>The check value of every CRC-32 catalogue: "123456789".</summary>
    [Fact]
    public void The_checksum_is_crc_32_of_ieee() => Crc32.Of("123456789").ShouldBe(0xCBF43926u);

    [Fact]
    public void A_cursor_reads_back_what_it_was_made_of()
    {
        foreach (var value in (string[])["", "a", "Ünïcode 🔑 \"\\/", string.Concat(Enumerable.Repeat("🔑", 120))])
        {
            var text = new Cursor(value, "key_1").Encode();
            text.Length.ShouldBeLessThan(Cursor.MaxLength);
            Cursor.TryDecode(text, out var read).ShouldBeTrue();
            read.ShouldBe(new Cursor(value, "key_1"));
        }
    }

    [Fact]
    public void Nonsense_is_no_cursor()
    {
        string[] nonsense = ["", "a", "=", "!!!!", "AAAA", Of("null"), Of("[]"), Of("[\"a\"]"), Of("[\"a\",null]"), Of("[\"a\",\"b\",\"c\"]"), Of("[1,2]"), Of("{}"), Of("[\"\\ud800\",\"a\"]"), new string('A', Cursor.MaxLength + 4)];
        foreach (var text in nonsense)
        {
            Cursor.TryDecode(text, out _).ShouldBeFalse(text);
        }

        static string Of(string json) => Convert.ToBase64String(Encoding.UTF8.GetBytes(json));
    }
}
