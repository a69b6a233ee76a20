using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dpwa.Averaging;

/// <summary>
/// The two forms on plain numbers, in one pass, by the widest vectors that the processor has. Compiled once and for good: the first steps of a training should not
/// run in code that is not optimized yet.
/// </summary>
internal static class Blend
{
    /// <summary><c>x ← keep·x + take·peer</c></summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Interpolate<T>(Span<T> x, ReadOnlySpan<T> peer, T keep, T take)
        where T : unmanaged, IFloatingPoint<T>
    {
        ref T mine = ref MemoryMarshal.GetReference(x);
        ref T theirs = ref MemoryMarshal.GetReference(peer[..x.Length]);
        nuint i = 0, length = (nuint)x.Length;
        if (Vector512.IsHardwareAccelerated)
        {
            (Vector512<T> keeps, Vector512<T> takes) = (Vector512.Create(keep), Vector512.Create(take));
            nuint width = (nuint)Vector512<T>.Count;
            for (; i + 2 * width <= length; i += 2 * width)
            {
                (Vector512.LoadUnsafe(ref mine, i) * keeps + Vector512.LoadUnsafe(ref theirs, i) * takes).StoreUnsafe(ref mine, i);
                (Vector512.LoadUnsafe(ref mine, i + width) * keeps + Vector512.LoadUnsafe(ref theirs, i + width) * takes).StoreUnsafe(ref mine, i + width);
            }
        }
        else
        {
            (Vector<T> keeps, Vector<T> takes) = (new(keep), new(take));
            nuint width = (nuint)Vector<T>.Count;
            for (; i + width <= length; i += width)
                (Vector.LoadUnsafe(ref mine, i) * keeps + Vector.LoadUnsafe(ref theirs, i) * takes).StoreUnsafe(ref mine, i);
        }

        for (int rest = (int)i; rest < x.Length; rest++)
            x[rest] = x[rest] * keep + peer[rest] * take;
    }

    /// <summary><c>x ← x + a·(peer − own)</c></summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Shift<T>(Span<T> x, ReadOnlySpan<T> peer, ReadOnlySpan<T> own, T a)
        where T : unmanaged, IFloatingPoint<T>
    {
        ref T mine = ref MemoryMarshal.GetReference(x);
        ref T theirs = ref MemoryMarshal.GetReference(peer[..x.Length]);
        ref T before = ref MemoryMarshal.GetReference(own[..x.Length]);
        nuint i = 0, length = (nuint)x.Length;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<T> factor = Vector512.Create(a);
            nuint width = (nuint)Vector512<T>.Count;
            for (; i + width <= length; i += width)
                (Vector512.LoadUnsafe(ref mine, i) + (Vector512.LoadUnsafe(ref theirs, i) - Vector512.LoadUnsafe(ref before, i)) * factor).StoreUnsafe(ref mine, i);
        }
        else
        {
            var factor = new Vector<T>(a);
            nuint width = (nuint)Vector<T>.Count;
            for (; i + width <= length; i += width)
                (Vector.LoadUnsafe(ref mine, i) + (Vector.LoadUnsafe(ref theirs, i) - Vector.LoadUnsafe(ref before, i)) * factor).StoreUnsafe(ref mine, i);
        }

        for (int rest = (int)i; rest < x.Length; rest++)
            x[rest] += (peer[rest] - own[rest]) * a;
    }

    /// <summary><c>Σ (peer − x)²</c>, in double precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SquaredDistance(ReadOnlySpan<float> x, ReadOnlySpan<float> peer)
    {
        ref float mine = ref MemoryMarshal.GetReference(x);
        ref float theirs = ref MemoryMarshal.GetReference(peer[..x.Length]);
        Vector<double> low = Vector<double>.Zero, high = Vector<double>.Zero;
        nuint i = 0, length = (nuint)x.Length, width = (nuint)Vector<float>.Count;
        for (; i + width <= length; i += width)
        {
            // Widened before the difference: that of two finite floats may not be finite.
            Vector.Widen(Vector.LoadUnsafe(ref mine, i), out Vector<double> mineLow, out Vector<double> mineHigh);
            Vector.Widen(Vector.LoadUnsafe(ref theirs, i), out Vector<double> theirsLow, out Vector<double> theirsHigh);
            Vector<double> a = theirsLow - mineLow, b = theirsHigh - mineHigh;
            low += a * a;
            high += b * b;
        }

        double sum = Vector.Sum(low) + Vector.Sum(high);
        for (int rest = (int)i; rest < x.Length; rest++)
            sum += ((double)peer[rest] - x[rest]) * ((double)peer[rest] - x[rest]);
        return sum;
    }
}
