using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Dpwa.Averaging;

/// <summary>The two forms of one averaging step (docs/configuration.md, <c>apply</c>), for each element type, in place.</summary>
public static class Mixing
{
    /// <summary>Elements of a 16-bit type converted at a time; they stay in the first-level cache.</summary>
    private const int Block = 1024;

    /// <summary>The parameters form: <c>x ← (1−a)·x + a·peer</c>. A convex combination: finite values stay finite, non-negative ones non-negative.</summary>
    /// <param name="x">My values.</param>
    /// <param name="peer">The peer's values, as many.</param>
    /// <param name="a">The factor in [0, 1].</param>
    /// <param name="type">The type of the elements.</param>
    public static void Interpolate(Span<byte> x, ReadOnlySpan<byte> peer, double a, ElementType type)
    {
        switch (type)
        {
            case ElementType.Float32:
                Interpolate(As<float>(x), As<float>(peer), (float)(1 - a), (float)a);
                break;
            case ElementType.Float64:
                Interpolate(As<double>(x), As<double>(peer), 1 - a, a);
                break;
            default:
                Widened(x, peer, peer, type, (mine, theirs, _, factor) => Interpolate(mine, theirs, 1 - factor, factor), (float)a);
                break;
        }
    }

    /// <summary>The delta form: <c>x ← x + a·(peer − own)</c>, both snapshots being the ones exchanged.</summary>
    /// <param name="x">My values.</param>
    /// <param name="peer">The peer's snapshot, as many.</param>
    /// <param name="own">My snapshot, as many.</param>
    /// <param name="a">The factor in [0, 1].</param>
    /// <param name="type">The type of the elements.</param>
    public static void Shift(Span<byte> x, ReadOnlySpan<byte> peer, ReadOnlySpan<byte> own, double a, ElementType type)
    {
        switch (type)
        {
            case ElementType.Float32:
                Shift(As<float>(x), As<float>(peer), As<float>(own), (float)a);
                break;
            case ElementType.Float64:
                Shift(As<double>(x), As<double>(peer), As<double>(own), a);
                break;
            default:
                Widened(x, peer, own, type, Shift, (float)a);
                break;
        }
    }

    private delegate void Step(Span<float> x, ReadOnlySpan<float> peer, ReadOnlySpan<float> own, float a);

    private static void Interpolate<T>(Span<T> x, ReadOnlySpan<T> peer, T keep, T take)
        where T : unmanaged, IFloatingPoint<T>
    {
        var keeps = new Vector<T>(keep);
        var takes = new Vector<T>(take);
        peer = peer[..x.Length];
        int i = 0;
        for (; i <= x.Length - Vector<T>.Count; i += Vector<T>.Count)
            (new Vector<T>(x[i..]) * keeps + new Vector<T>(peer[i..]) * takes).CopyTo(x[i..]);
        for (; i < x.Length; i++)
            x[i] = x[i] * keep + peer[i] * take;
    }

    private static void Shift<T>(Span<T> x, ReadOnlySpan<T> peer, ReadOnlySpan<T> own, T a)
        where T : unmanaged, IFloatingPoint<T>
    {
        var factor = new Vector<T>(a);
        peer = peer[..x.Length];
        own = own[..x.Length];
        int i = 0;
        for (; i <= x.Length - Vector<T>.Count; i += Vector<T>.Count)
            (new Vector<T>(x[i..]) + (new Vector<T>(peer[i..]) - new Vector<T>(own[i..])) * factor).CopyTo(x[i..]);
        for (; i < x.Length; i++)
            x[i] += (peer[i] - own[i]) * a;
    }

    /// <summary>16-bit elements are mixed as float32 and rounded once, to nearest even.</summary>
    private static void Widened(Span<byte> x, ReadOnlySpan<byte> peer, ReadOnlySpan<byte> own, ElementType type, Step step, float a)
    {
        Span<float> mine = stackalloc float[Block];
        Span<float> theirs = stackalloc float[Block];
        Span<float> before = stackalloc float[Block];
        const int blockBytes = Block * 2;
        for (int at = 0; at < x.Length; at += blockBytes)
        {
            int bytes = Math.Min(blockBytes, x.Length - at);
            int count = bytes / 2;
            Widen(x.Slice(at, bytes), mine, type);
            Widen(peer.Slice(at, bytes), theirs, type);
            Widen(own.Slice(at, bytes), before, type);
            step(mine[..count], theirs[..count], before[..count], a);
            Narrow(mine[..count], x.Slice(at, bytes), type);
        }
    }

    private static void Widen(ReadOnlySpan<byte> source, Span<float> destination, ElementType type)
    {
        if (type == ElementType.Float16)
        {
            TensorPrimitives.ConvertToSingle(As<Half>(source), destination);
            return;
        }

        ReadOnlySpan<ushort> bits = As<ushort>(source);
        for (int i = 0; i < bits.Length; i++)
            destination[i] = BitConverter.UInt32BitsToSingle((uint)bits[i] << 16);
    }

    private static void Narrow(ReadOnlySpan<float> source, Span<byte> destination, ElementType type)
    {
        if (type == ElementType.Float16)
        {
            TensorPrimitives.ConvertToHalf(source, As<Half>(destination));
            return;
        }

        Span<ushort> bits = As<ushort>(destination);
        for (int i = 0; i < source.Length; i++)
        {
            uint value = BitConverter.SingleToUInt32Bits(source[i]);
            bits[i] = (ushort)((value + 0x7FFF + ((value >> 16) & 1)) >> 16);
        }
    }

    private static Span<T> As<T>(Span<byte> bytes)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(bytes);

    private static ReadOnlySpan<T> As<T>(ReadOnlySpan<byte> bytes)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(bytes);
}
