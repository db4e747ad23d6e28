using System.Globalization;
using System.Net;
using FsCheck;
using FsCheck.Fluent;
using KeyPortal.Keys;

namespace KeyPortal.Tests.Keys.Properties;

/// <summary>Networks against <see cref="NaiveAddress"/>: what is accepted at all, and which addresses are inside.</summary>
public sealed class NetworkProperties
{
    private const string Strays = "0123456789abcdefABCFx:./% []-+,١\t\0";

    private static readonly Gen<byte> Bytes = Gen.Frequency((3, Gen.Constant((byte)0)), (1, Gen.Constant((byte)255)), (1, Gen.Choose(0, 255).Select(n => (byte)n)), (1, Gen.Choose(0, 7).Select(n => (byte)(1 << n))));

    private static readonly Gen<byte[]> Addresses = Gen.OneOf(
        Gen.ArrayOf(Bytes, 4),
        Gen.ArrayOf(Bytes, 16),
        Gen.ArrayOf(Bytes, 4).Select(four => (byte[])[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, .. four]));

    private static readonly Gen<string> AddressTexts = from bytes in Addresses from text in Written(bytes) select text;

    private static readonly Gen<string> NetworkTexts =
        from bytes in Addresses
        from length in Gen.OneOf(Gen.Elements(0, 8, 31, 32, 95, 96, 97, 104, 127, 128), Gen.Choose(0, bytes.Length * 8))
        from cleared in Gen.Frequency((4, Gen.Constant(true)), (1, Gen.Constant(false)))
        from text in Written(cleared ? Cleared(bytes, length) : bytes)
        from bare in Gen.Choose(0, 9)
        select bare == 0 ? text : $"{text}/{length}";

    private static readonly Gen<string> BentNetworks = Gen.OneOf(NetworkTexts, NetworkTexts.SelectMany(text => Judge.Bent(text, Strays)));

    [Fact]
    public void Just_what_the_standards_write_is_an_address() => Judge.Holds(
        Judge.Texts(Gen.OneOf(AddressTexts.SelectMany(text => Judge.Bent(text, Strays)), Judge.Garbage("0", "1", "10", "255", "256", "ffff", ".", ":", "::", "%", "0x", "/", "[", "]", "fe80", "00001"))),
        text => (AllowedNetwork.TryParseAddress(text, out var address) ? address.MapToIPv6().ToString() : null) == (NaiveAddress.Read(text) is { } bits ? Address(bits).MapToIPv6().ToString() : null),
        times: 5000);

    [Fact]
    public void Just_what_the_standards_write_is_a_network_if_its_host_bits_are_zero() => Judge.Holds(
        Judge.Texts(Gen.OneOf(BentNetworks, Judge.Garbage("0", "1", "10.0.0", "255", "::", ":", ".", "/", "/0", "/32", "/08", "ffff"))),
        text => AllowedNetwork.TryParse(text, out _) == (NaiveAddress.ReadNetwork(text) is not null),
        times: 5000);

    [Fact]
    public void An_address_is_inside_where_it_begins_with_the_networks_bits() => Judge.Holds(
        Arb.From(from network in NetworkTexts
                 from near in Gen.Choose(0, 3)
                 from flipped in Gen.Choose(0, 127)
                 from stranger in Addresses
                 select (network, address: near == 0 || NaiveAddress.ReadNetwork(network) is not { } at ? stranger : Near(at.First, at.IsV4, flipped))),
        pair =>
        {
            if (NaiveAddress.ReadNetwork(pair.network) is not { } model)
            {
                return true;
            }

            var address = new IPAddress(pair.address);
            var bits = NaiveAddress.Read(Spelt(pair.address))!;
            var isInside = bits.Length == 32 == model.IsV4 && bits.Take(model.First.Length).SequenceEqual(model.First);
            return AllowedNetwork.TryParse(pair.network, out var network) && network.Contains(address) == isInside && (!model.IsV4 || bits.Length != 32 || network.Contains(address.MapToIPv6()) == isInside);
        },
        times: 5000);

    [Fact]
    public void A_network_is_printed_so_that_it_is_read_as_the_same() => Judge.Holds(
        Judge.Texts(NetworkTexts),
        text => !AllowedNetwork.TryParse(text, out var network) || (AllowedNetwork.TryParse(network.ToString(), out var again) && again == network && again.ToString() == network.ToString()));

    [Theory]
    [InlineData("10.0.0.0/8", "::ffff:10.0.0.1", true)]
    [InlineData("10.0.0.0/8", "::ffff:0a00:1", true)]
    [InlineData("10.0.0.0/8", "::10.0.0.1", false)] // an IPv4-compatible address is no mapped one (RFC 4291, 2.5.5.1)
    [InlineData("10.0.0.0/8", "64:ff9b::10.0.0.1", false)]
    [InlineData("::ffff:0:0/96", "10.0.0.1", true)]
    [InlineData("::/0", "10.0.0.1", false)]
    [InlineData("0.0.0.0/0", "::ffff:10.0.0.1", true)]
    [InlineData("0.0.0.0/0", "::", false)]
    public void A_disguise_is_seen_through_on_either_side(string network, string address, bool isInside)
    {
        AllowedNetwork.TryParse(network, out var allowed).ShouldBeTrue();
        AllowedNetwork.TryParseAddress(address, out var parsed).ShouldBeTrue();
        allowed.Contains(parsed).ShouldBe(isInside);
    }

    private static IPAddress Address(bool[] bits) => new([.. bits.Chunk(8).Select(byteBits => (byte)byteBits.Aggregate(0, (number, bit) => number << 1 | (bit ? 1 : 0)))]);

    private static byte[] Cleared(byte[] bytes, int length) => [.. bytes.Select((b, i) => (byte)(b & (0xFF00 >> Math.Clamp(length - (8 * i), 0, 8)) & 0xFF))];

    /// <summary>An address that begins with the bits, save one perhaps.</summary>
    private static byte[] Near(bool[] first, bool isV4, int flipped)
    {
        var bits = new bool[isV4 ? 32 : 128];
        first.CopyTo(bits, 0);
        bits[flipped % bits.Length] ^= true;
        return Address(bits).GetAddressBytes();
    }

    private static string Spelt(byte[] bytes) => bytes.Length == 4
        ? string.Join('.', bytes)
        : string.Join(':', bytes.Chunk(2).Select(pair => (pair[0] << 8 | pair[1]).ToString("x", CultureInfo.InvariantCulture)));

    /// <summary>One of the many spellings of an address.</summary>
    private static Gen<string> Written(byte[] bytes)
    {
        if (bytes.Length == 4)
        {
            return Gen.Constant(Spelt(bytes));
        }

        return from dotted in Gen.Elements(false, true)
               from padded in Gen.Elements("x", "x4", "X", "X3")
               from shortened in Gen.Elements(true, true, false)
               from at in Gen.Choose(0, 7)
               select Six(bytes, dotted, padded, shortened ? at : null);
    }

    private static string Six(byte[] bytes, bool dotted, string form, int? shortenAt)
    {
        List<string> groups = [.. bytes.Chunk(2).Take(dotted ? 6 : 8).Select(pair => (pair[0] << 8 | pair[1]).ToString(form, CultureInfo.InvariantCulture))];
        if (dotted)
        {
            groups.Add(Spelt(bytes[12..]));
        }

        bool IsZero(int at) => at < groups.Count && groups[at].All(c => c == '0');
        if (shortenAt is not { } start || !IsZero(start))
        {
            return string.Join(':', groups);
        }

        var end = start;
        while (IsZero(end))
        {
            end++;
        }

        return $"{string.Join(':', groups.Take(start))}::{string.Join(':', groups.Skip(end))}";
    }
}
