namespace KeyPortal.Primitives;

/// <summary>CRC-32 as in IEEE 802.3 (reflected polynomial 0xEDB88320): catches a mistyped or cut key before any look-up. No secret depends on it.</summary>
public static class Crc32
{
    private static readonly uint[] Table = MakeTable();

    public static uint Of(ReadOnlySpan<char> ascii)
    {
        var crc = uint.MaxValue;
        foreach (var c in ascii)
        {
            crc = Table[(byte)(crc ^ c)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint n = 0; n < 256; n++)
        {
            var c = n;
            for (var bit = 0; bit < 8; bit++)
            {
                c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
            }

            table[n] = c;
        }

        return table;
    }
}
