using System.Numerics;
using System.Runtime.InteropServices;
using Dpwa.Codecs;

namespace Dpwa.Snapshots;

/// <summary>Copying and checking in one pass. A value is finite when its exponent bits are not all ones.</summary>
internal static class FiniteCopy
{
    /// <summary>Copies and says whether every value is finite. The lengths are equal and a multiple of the element size.</summary>
    public static bool Copy(ReadOnlySpan<byte> source, Span<byte> destination, ElementType type) => type switch
    {
        ElementType.Float32 => Copy<uint>(source, destination, FiniteBits.Float32Exponent),
        ElementType.Float64 => Copy<ulong>(source, destination, FiniteBits.Float64Exponent),
        ElementType.Float16 => Copy<ushort>(source, destination, FiniteBits.Float16Exponent),
        ElementType.BFloat16 => Copy<ushort>(source, destination, FiniteBits.BFloat16Exponent),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type"),
    };

    /// <summary>Whether every value is finite.</summary>
    public static bool IsFinite(ReadOnlySpan<byte> values, ElementType type) => type switch
    {
        ElementType.Float32 => FiniteBits.AreFinite<uint>(values, FiniteBits.Float32Exponent),
        ElementType.Float64 => FiniteBits.AreFinite<ulong>(values, FiniteBits.Float64Exponent),
        ElementType.Float16 => FiniteBits.AreFinite<ushort>(values, FiniteBits.Float16Exponent),
        ElementType.BFloat16 => FiniteBits.AreFinite<ushort>(values, FiniteBits.BFloat16Exponent),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type"),
    };

    private static bool Copy<T>(ReadOnlySpan<byte> source, Span<byte> destination, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        ReadOnlySpan<T> from = MemoryMarshal.Cast<byte, T>(source);
        Span<T> to = MemoryMarshal.Cast<byte, T>(destination)[..from.Length];
        var mask = new Vector<T>(exponent);
        Vector<T> found = Vector<T>.Zero;
        int i = 0;
        for (; i <= from.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            var values = new Vector<T>(from[i..]);
            found |= Vector.Equals(values & mask, mask);
            values.CopyTo(to[i..]);
        }

        bool finite = found == Vector<T>.Zero;
        for (; i < from.Length; i++)
        {
            finite &= (from[i] & exponent) != exponent;
            to[i] = from[i];
        }

        return finite;
    }
}
