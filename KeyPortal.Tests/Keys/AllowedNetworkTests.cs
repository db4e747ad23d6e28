using System.Net;
using System.Net.Sockets;
using KeyPortal.Keys;

namespace KeyPortal.Tests.Keys;

public sealed class AllowedNetworkTests
{
    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("203.0.113.7/32", "203.0.113.7")]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("2001:DB8::/32", "2001:db8::/32")]
    [InlineData("2001:db8:0:0::1", "2001:db8::1")]
    [InlineData("::/0", "::/0")]
    [InlineData("::1/128", "::1")]
    [InlineData("::ffff:10.0.0.0/104", "10.0.0.0/8")]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1")]
    [InlineData("::ffff:0:0/96", "0.0.0.0/0")]
    public void A_network_is_kept_in_its_shortest_spelling(string text, string kept)
    {
        AllowedNetwork.TryParse(text, out var network).ShouldBeTrue();
        network.ToString().ShouldBe(kept);
        AllowedNetwork.TryParse(kept, out var again).ShouldBeTrue();
        again.ShouldBe(network);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("10.0.0.1/8")]
    [InlineData("2001:db8::1/32")]
    [InlineData("::ffff:10.0.0.1/104")]
    [InlineData("10.0.0.0/33")]
    [InlineData("::/129")]
    [InlineData("::ffff:0:0/95")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/08")]
    [InlineData("10.0.0.0/+8")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("10.0.0.0/255.0.0.0")]
    [InlineData("10.0.0.0 /8")]
    [InlineData("10.0.0.0/ 8")]
    [InlineData("10.0.0.0/٨")]
    [InlineData("10.1")]
    [InlineData("167772161")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("010.0.0.1")]
    [InlineData("10.0.0.256")]
    [InlineData("10.0.0.1.")]
    [InlineData(" 10.0.0.1")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[::1]")]
    [InlineData("::ffff:010.0.0.1")]
    [InlineData("1::2::3")]
    [InlineData("localhost")]
    public void Odd_spellings_are_refused(string? text) => AllowedNetwork.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void An_ipv4_address_in_ipv6_disguise_is_the_ipv4_address()
    {
        Network("10.0.0.0/8").Contains(IPAddress.Parse("::ffff:10.9.8.7")).ShouldBeTrue();
        Network("::ffff:10.0.0.0/104").Contains(IPAddress.Parse("10.9.8.7")).ShouldBeTrue();
        Network("::/0").Contains(IPAddress.Parse("10.9.8.7")).ShouldBeFalse("every IPv6 address is no IPv4 address");
        Network("0.0.0.0/0").Contains(IPAddress.Parse("::1")).ShouldBeFalse();
    }

    [Fact]
    public void Containing_means_sharing_the_first_bits()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 4000; i++)
        {
            var bytes = new byte[random.Next(2) == 0 ? 4 : 16];
            random.NextBytes(bytes);
            var bits = bytes.Length * 8;
            var length = random.Next(5) switch { 0 => 0, 1 => bits, _ => random.Next(bits + 1) };
            byte[] based = [.. bytes.Select((b, at) => (byte)(b & Mask(at, length)))];
            var text = $"{new IPAddress(based)}/{length}";
            AllowedNetwork.TryParse(text, out var network).ShouldBeTrue($"seed {seed}: {text}");

            // An address that differs from the base in one bit is inside exactly when that bit stands behind the prefix.
            var flipped = random.Next(bits);
            byte[] other = [.. based];
            other[flipped / 8] ^= (byte)(0x80 >> (flipped % 8));
            network.Contains(new IPAddress(based)).ShouldBeTrue($"seed {seed}: {text}");
            network.Contains(new IPAddress(other)).ShouldBe(flipped >= length, $"seed {seed}: {text} and bit {flipped}");

            var stranger = new byte[bytes.Length];
            random.NextBytes(stranger);
            network.Contains(new IPAddress(stranger)).ShouldBe(Enumerable.Range(0, length).All(bit => BitOf(stranger, bit) == BitOf(based, bit)), $"seed {seed}: {text} and {new IPAddress(stranger)}");
        }

        static int Mask(int at, int length) => (0xFF00 >> Math.Clamp(length - (8 * at), 0, 8)) & 0xFF;
        static int BitOf(byte[] address, int bit) => (address[bit / 8] >> (7 - (bit % 8))) & 1;
    }

    [Theory]
    [InlineData("203.0.113.9", AddressFamily.InterNetwork, true)]
    [InlineData("2001:db8::1", AddressFamily.InterNetworkV6, true)]
    [InlineData("203.0.113.9:443", default(AddressFamily), false)]
    [InlineData("203.0.113.9/32", default(AddressFamily), false)]
    [InlineData("203.0.113", default(AddressFamily), false)]
    [InlineData("::1%1", default(AddressFamily), false)]
    public void An_address_is_four_decimal_numbers_or_ipv6(string text, AddressFamily family, bool isAddress)
    {
        AllowedNetwork.TryParseAddress(text, out var address).ShouldBe(isAddress);
        if (isAddress)
        {
            address.AddressFamily.ShouldBe(family);
        }
    }

    private static AllowedNetwork Network(string text) => AllowedNetwork.TryParse(text, out var network) ? network : throw new FormatException(text);
}
