using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dpwa.Codecs;
using Dpwa.Protocol;

namespace Dpwa.Averaging;

/// <summary>The two forms of one averaging step (docs/configuration.md, <c>apply</c>), for each element type, in place.</summary>
public static class Mixing
{
    /// <summary>Elements converted at a time: they stay in the first-level cache. Whole blocks of every codec.</summary>
    internal const int Block = 1024;

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
                Blend.Interpolate(As<float>(x), As<float>(peer), (float)(1 - a), (float)a);
                break;
            case ElementType.Float64:
                Blend.Interpolate(As<double>(x), As<double>(peer), 1 - a, a);
                break;
            default:
                InterpolateWidened(x, peer, (float)a, WidthOf(type));
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
                Blend.Shift(As<float>(x), As<float>(peer), As<float>(own), (float)a);
                break;
            case ElementType.Float64:
                Blend.Shift(As<double>(x), As<double>(peer), As<double>(own), a);
                break;
            default:
                ShiftWidened(x, peer, own, (float)a, WidthOf(type));
                break;
        }
    }

    /// <summary>The parameters form where a codec has encoded the peer's float32 values: <c>x ← (1−a)·x + a·decode(peer)</c>, decoded in the cache, in one pass over memory.</summary>
    /// <param name="x">My values.</param>
    /// <param name="peer">The peer's values, as many, encoded: whole blocks.</param>
    /// <param name="a">The factor in [0, 1].</param>
    /// <param name="codec">How they are encoded.</param>
    [SkipLocalsInit]
    public static void Interpolate(Span<float> x, ReadOnlySpan<byte> peer, double a, PayloadCodec codec)
    {
        Span<float> decoded = stackalloc float[Block];
        int blockBytes = (int)PayloadCodecs.EncodedLength(codec, Block);
        while (!x.IsEmpty)
        {
            Span<float> mine = x[..Math.Min(Block, x.Length)];
            Span<float> theirs = decoded[..mine.Length];
            PayloadCodecs.Decode(codec, peer, theirs);
            Blend.Interpolate(mine, theirs, (float)(1 - a), (float)a);
            x = x[mine.Length..];
            peer = peer[Math.Min(blockBytes, peer.Length)..];
        }
    }

    /// <summary>The delta form where a codec has encoded the peer's float32 values: <c>x ← x + a·(decode(peer) − decode(encode(own)))</c>. My snapshot takes the way that the
    /// peer's has taken, so that what the codec loses is in both and equal models stay equal.</summary>
    /// <param name="x">My values.</param>
    /// <param name="peer">The peer's snapshot, as many, encoded: whole blocks.</param>
    /// <param name="own">My snapshot, as many, from the start of a block on.</param>
    /// <param name="a">The factor in [0, 1].</param>
    /// <param name="codec">How the peer's is encoded.</param>
    [SkipLocalsInit]
    public static void Shift(Span<float> x, ReadOnlySpan<byte> peer, ReadOnlySpan<float> own, double a, PayloadCodec codec)
    {
        Span<float> decoded = stackalloc float[Block];
        Span<float> before = stackalloc float[Block];
        int blockBytes = (int)PayloadCodecs.EncodedLength(codec, Block);
        while (!x.IsEmpty)
        {
            Span<float> mine = x[..Math.Min(Block, x.Length)];
            Span<float> theirs = decoded[..mine.Length];
            PayloadCodecs.Decode(codec, peer, theirs);
            PayloadCodecs.RoundTrip(codec, own[..mine.Length], before);
            Blend.Shift(mine, theirs, before, (float)a);
            x = x[mine.Length..];
            own = own[mine.Length..];
            peer = peer[Math.Min(blockBytes, peer.Length)..];
        }
    }

    /// <summary>16-bit elements are mixed as float32 and rounded once, to nearest even.</summary>
    [SkipLocalsInit]
    private static void InterpolateWidened(Span<byte> x, ReadOnlySpan<byte> peer, float a, PayloadCodec width)
    {
        Span<float> widened = stackalloc float[Block];
        for (int at = 0; at < x.Length; at += Block * 2)
        {
            Span<byte> narrow = x.Slice(at, Math.Min(Block * 2, x.Length - at));
            Span<float> mine = widened[..(narrow.Length / 2)];
            PayloadCodecs.Decode(width, narrow, mine);
            Interpolate(mine, peer.Slice(at, narrow.Length), a, width);
            PayloadCodecs.Encode(width, mine, narrow);
        }
    }

    [SkipLocalsInit]
    private static void ShiftWidened(Span<byte> x, ReadOnlySpan<byte> peer, ReadOnlySpan<byte> own, float a, PayloadCodec width)
    {
        Span<float> mine = stackalloc float[Block];
        Span<float> theirs = stackalloc float[Block];
        Span<float> before = stackalloc float[Block];
        for (int at = 0; at < x.Length; at += Block * 2)
        {
            Span<byte> narrow = x.Slice(at, Math.Min(Block * 2, x.Length - at));
            mine = mine[..(narrow.Length / 2)];
            PayloadCodecs.Decode(width, narrow, mine);
            PayloadCodecs.Decode(width, peer.Slice(at, narrow.Length), theirs[..mine.Length]);
            PayloadCodecs.Decode(width, own.Slice(at, narrow.Length), before[..mine.Length]);
            Blend.Shift(mine, theirs, before, a);
            PayloadCodecs.Encode(width, mine, narrow);
        }
    }

    /// <summary>What converts elements of 16 bits to float32 and back.</summary>
    internal static PayloadCodec WidthOf(ElementType type) => type switch
    {
        ElementType.Float16 => PayloadCodec.Float16,
        ElementType.BFloat16 => PayloadCodec.BFloat16,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type"),
    };

    private static Span<T> As<T>(Span<byte> bytes)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(bytes);

    private static ReadOnlySpan<T> As<T>(ReadOnlySpan<byte> bytes)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(bytes);
}
