using System.Numerics;
using System.Runtime.InteropServices;

namespace Dpwa.Snapshots;

/// <summary>Copying and checking in one pass. A value is finite when its exponent bits are not all ones.</summary>
internal static class FiniteCopy
{
    /// <summary>Copies and says whether every value is finite. The lengths are equal and a multiple of the element size.</summary>
    public static bool Copy(ReadOnlySpan<byte> source, Span<byte> destination, ElementType type) => type switch
    {
        ElementType.Float32 => Copy<uint>(source, destination, 0x7F80_0000),
        ElementType.Float64 => Copy<ulong>(source, destination, 0x7FF0_0000_0000_0000),
        ElementType.Float16 => Copy<ushort>(source, destination, 0x7C00),
        ElementType.BFloat16 => Copy<ushort>(source, destination, 0x7F80),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type"),
    };

    /// <summary>Whether every value is finite.</summary>
    public static bool IsFinite(ReadOnlySpan<byte> values, ElementType type) => type switch
    {
        ElementType.Float32 => IsFinite<uint>(values, 0x7F80_0000),
        ElementType.Float64 => IsFinite<ulong>(values, 0x7FF0_0000_0000_0000),
        ElementType.Float16 => IsFinite<ushort>(values, 0x7C00),
        ElementType.BFloat16 => IsFinite<ushort>(values, 0x7F80),
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

    private static bool IsFinite<T>(ReadOnlySpan<byte> bytes, T exponent)
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
