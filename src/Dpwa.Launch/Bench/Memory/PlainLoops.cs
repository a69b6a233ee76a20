using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dpwa.Launch.Bench.Memory;

/// <summary>What anyone would write to copy and to blend memory: the yardsticks.</summary>
internal static class PlainLoops
{
    // A span holds less than 2 GiB.
    private const long Most = 1L << 30;

    public static void Copy(NativeBlock from, NativeBlock to)
    {
        for (var at = 0L; at < from.Length; at += Most)
        {
            var count = Math.Min(Most, from.Length - at);
            from.Span(at, count).CopyTo(to.Span(at, count));
        }
    }

    /// <summary><c>x ← (1−a)·x + a·y</c> with the library's own primitive.</summary>
    public static void BlendByPrimitive(NativeBlock x, NativeBlock y, float a)
    {
        for (var at = 0L; at < x.Length; at += Most)
        {
            var count = Math.Min(Most, x.Length - at);
            var mine = MemoryMarshal.Cast<byte, float>(x.Span(at, count));
            TensorPrimitives.Lerp(mine, MemoryMarshal.Cast<byte, float>(y.Span(at, count)), a, mine);
        }
    }

    /// <summary>The same as a loop over the widest vectors.</summary>
    public static void BlendByLoop(NativeBlock x, NativeBlock y, float a)
    {
        for (var at = 0L; at < x.Length; at += Most)
        {
            var count = Math.Min(Most, x.Length - at);
            var mine = MemoryMarshal.Cast<byte, float>(x.Span(at, count));
            var theirs = MemoryMarshal.Cast<byte, float>(y.Span(at, count));
            if (Vector512.IsHardwareAccelerated) Blend512(mine, theirs, a);
            else Blend256(mine, theirs, a);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Blend512(Span<float> x, ReadOnlySpan<float> y, float a)
    {
        ref var mine = ref MemoryMarshal.GetReference(x);
        ref var theirs = ref MemoryMarshal.GetReference(y);
        var (keep, take) = (Vector512.Create(1 - a), Vector512.Create(a));
        var i = 0;
        for (; i <= x.Length - (2 * Vector512<float>.Count); i += 2 * Vector512<float>.Count)
        {
            var (first, second) = ((nuint)i, (nuint)(i + Vector512<float>.Count));
            ((Vector512.LoadUnsafe(ref mine, first) * keep) + (Vector512.LoadUnsafe(ref theirs, first) * take)).StoreUnsafe(ref mine, first);
            ((Vector512.LoadUnsafe(ref mine, second) * keep) + (Vector512.LoadUnsafe(ref theirs, second) * take)).StoreUnsafe(ref mine, second);
        }

        for (; i < x.Length; i++) x[i] = (x[i] * (1 - a)) + (y[i] * a);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Blend256(Span<float> x, ReadOnlySpan<float> y, float a)
    {
        ref var mine = ref MemoryMarshal.GetReference(x);
        ref var theirs = ref MemoryMarshal.GetReference(y);
        var (keep, take) = (Vector256.Create(1 - a), Vector256.Create(a));
        var i = 0;
        for (; i <= x.Length - (2 * Vector256<float>.Count); i += 2 * Vector256<float>.Count)
        {
            var (first, second) = ((nuint)i, (nuint)(i + Vector256<float>.Count));
            ((Vector256.LoadUnsafe(ref mine, first) * keep) + (Vector256.LoadUnsafe(ref theirs, first) * take)).StoreUnsafe(ref mine, first);
            ((Vector256.LoadUnsafe(ref mine, second) * keep) + (Vector256.LoadUnsafe(ref theirs, second) * take)).StoreUnsafe(ref mine, second);
        }

        for (; i < x.Length; i++) x[i] = (x[i] * (1 - a)) + (y[i] * a);
    }
}
