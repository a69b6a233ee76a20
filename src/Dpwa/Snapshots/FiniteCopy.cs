using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dpwa.Codecs;

namespace Dpwa.Snapshots;

/// <summary>Copying and checking in one pass. A value is finite when its exponent bits are not all ones.</summary>
internal static unsafe class FiniteCopy
{
    /// <summary>Copies and says whether every value is finite.</summary>
    /// <param name="source">The values.</param>
    /// <param name="destination">As long; at a multiple of 64 bytes.</param>
    /// <param name="type">The type of the elements.</param>
    /// <param name="pastCaches">Whether the copy is written straight to memory: what does not fit into the caches anyway need not be read into them first.</param>
    public static bool Copy(ReadOnlySpan<byte> source, Span<byte> destination, ElementType type, bool pastCaches = false) => type switch
    {
        ElementType.Float32 => Copy<uint>(source, destination, FiniteBits.Float32Exponent, pastCaches),
        ElementType.Float64 => Copy<ulong>(source, destination, FiniteBits.Float64Exponent, pastCaches),
        ElementType.Float16 => Copy<ushort>(source, destination, FiniteBits.Float16Exponent, pastCaches),
        ElementType.BFloat16 => Copy<ushort>(source, destination, FiniteBits.BFloat16Exponent, pastCaches),
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Copy<T>(ReadOnlySpan<byte> source, Span<byte> destination, T exponent, bool pastCaches)
        where T : unmanaged, IBinaryInteger<T>
    {
        ReadOnlySpan<T> from = MemoryMarshal.Cast<byte, T>(source);
        Span<T> to = MemoryMarshal.Cast<byte, T>(destination)[..from.Length];
        var mask = new Vector<T>(exponent);
        Vector<T> found = Vector<T>.Zero;
        ref T start = ref MemoryMarshal.GetReference(from);
        ref T end = ref MemoryMarshal.GetReference(to);
        nuint i = 0, width = (nuint)Vector<T>.Count, length = (nuint)from.Length;
        if (pastCaches)
        {
            fixed (T* there = to)
            {
                for (; i + width <= length; i += width)
                {
                    Vector<T> values = Vector.LoadUnsafe(ref start, i);
                    found |= Vector.Equals(values & mask, mask);
                    values.StoreAlignedNonTemporal(there + i);
                }
            }

            // Such stores keep no order with others: they must be there before anybody is told of them.
            Interlocked.MemoryBarrier();
        }

        for (; i + width <= length; i += width)
        {
            Vector<T> values = Vector.LoadUnsafe(ref start, i);
            found |= Vector.Equals(values & mask, mask);
            values.StoreUnsafe(ref end, i);
        }

        bool finite = found == Vector<T>.Zero;
        for (int rest = (int)i; rest < from.Length; rest++)
        {
            finite &= (from[rest] & exponent) != exponent;
            to[rest] = from[rest];
        }

        return finite;
    }
}
