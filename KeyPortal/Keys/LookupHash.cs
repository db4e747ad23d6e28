using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KeyPortal.Keys;

/// <summary>HMAC-SHA-256(pepper, key): 32 bytes under which a secret is found. Useless without the pepper, which is not in the database.</summary>
[InlineArray(4)]
public struct LookupHash : IEquatable<LookupHash>
{
    public const int Size = 32;

    private ulong _word;

    public static LookupHash From(ReadOnlySpan<byte> bytes) =>
        bytes.Length == Size ? MemoryMarshal.Read<LookupHash>(bytes) : throw new ArgumentException("A lookup hash has 32 bytes.", nameof(bytes));

    public readonly byte[] ToArray()
    {
        var copy = this;
        return MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref copy, 1)).ToArray();
    }

    public readonly bool Equals(LookupHash other) =>
        ((this[0] ^ other[0]) | (this[1] ^ other[1]) | (this[2] ^ other[2]) | (this[3] ^ other[3])) == 0;

    public override readonly bool Equals(object? obj) => obj is LookupHash other && Equals(other);

    /// <summary>Its bytes are a keyed hash already: nobody outside can choose them to collide.</summary>
    public override readonly int GetHashCode() => this[0].GetHashCode();

    public static bool operator ==(LookupHash left, LookupHash right) => left.Equals(right);

    public static bool operator !=(LookupHash left, LookupHash right) => !left.Equals(right);
}
