using System.Numerics;
using System.Runtime.InteropServices;

namespace Dpwa.Codecs;

/// <summary>A floating-point value is finite when its exponent bits are not all ones.</summary>
internal static class FiniteBits
{
    public const uint Float32Exponent = 0x7F80_0000;
    public const ulong Float64Exponent = 0x7FF0_0000_0000_0000;
    public const ushort Float16Exponent = 0x7C00;
    public const ushort BFloat16Exponent = 0x7F80;

    /// <summary>Whether every value is finite.</summary>
    public static bool AreFinite<T>(ReadOnlySpan<byte> bytes, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        ReadOnlySpan<T> values = MemoryMarshal.Cast<byte, T>(bytes);
        var mask = new Vector<T>(exponent);
        Vector<T> found = Vector<T>.Zero;
        int i = 0;
        for (; i <= values.Length - Vector<T>.Count; i += Vector<T>.Count)
            found |= Vector.Equals(new Vector<T>(values[i..]) & mask, mask);
        bool finite = found == Vector<T>.Zero;
        for (; i < values.Length; i++)
            finite &= (values[i] & exponent) != exponent;
        return finite;
    }
}
