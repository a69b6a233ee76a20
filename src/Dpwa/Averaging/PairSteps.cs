using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dpwa.Codecs;
using Dpwa.Protocol;

namespace Dpwa.Averaging;

/// <summary>What is done with my values and a peer's, a piece at a time; <see cref="ModelUpdate"/> finds the pieces.</summary>
internal interface IPairStep
{
    /// <summary>Values in their own element type.</summary>
    /// <param name="x">My values.</param>
    /// <param name="theirs">The peer's.</param>
    /// <param name="own">My snapshot's, which the peer's are compared with; empty in the parameters form.</param>
    /// <param name="type">Their type.</param>
    void Native(Span<byte> x, ReadOnlySpan<byte> theirs, ReadOnlySpan<byte> own, ElementType type);

    /// <summary>float32 values that the peer has sent encoded.</summary>
    /// <param name="x">My values.</param>
    /// <param name="theirs">The peer's, whole blocks.</param>
    /// <param name="own">My snapshot's, not encoded; empty in the parameters form.</param>
    /// <param name="codec">How the peer's are encoded.</param>
    void Encoded(Span<float> x, ReadOnlySpan<byte> theirs, ReadOnlySpan<float> own, PayloadCodec codec);
}

/// <summary>Mixes: <c>x ← (1−a)·x + a·peer</c>, or with my own snapshot <c>x ← x + a·(peer − own)</c>.</summary>
internal readonly struct MixStep(double a) : IPairStep
{
    public void Native(Span<byte> x, ReadOnlySpan<byte> theirs, ReadOnlySpan<byte> own, ElementType type)
    {
        if (own.IsEmpty)
            Mixing.Interpolate(x, theirs, a, type);
        else
            Mixing.Shift(x, theirs, own, a, type);
    }

    public void Encoded(Span<float> x, ReadOnlySpan<byte> theirs, ReadOnlySpan<float> own, PayloadCodec codec)
    {
        if (own.IsEmpty)
            Mixing.Interpolate(x, theirs, a, codec);
        else
            Mixing.Shift(x, theirs, own, a, codec);
    }
}

/// <summary>Takes the peer's values as they are, whatever mine were: <c>x ← peer</c>. A mix with the factor 1 would keep a NaN.</summary>
internal readonly struct CopyStep : IPairStep
{
    public void Native(Span<byte> x, ReadOnlySpan<byte> theirs, ReadOnlySpan<byte> own, ElementType type) => theirs.CopyTo(x);

    public void Encoded(Span<float> x, ReadOnlySpan<byte> theirs, ReadOnlySpan<float> own, PayloadCodec codec) => PayloadCodecs.Decode(codec, theirs, x);
}

/// <summary>Measures how far a mix with the factor 1 would move: <c>‖peer − x‖</c>, or <c>‖peer − own‖</c>. Changes nothing.</summary>
internal struct DistanceStep : IPairStep
{
    private double _squares;

    /// <summary>The Euclidean norm of all differences so far.</summary>
    public readonly double Norm => Math.Sqrt(_squares);

    [SkipLocalsInit]
    public void Native(Span<byte> x, ReadOnlySpan<byte> theirs, ReadOnlySpan<byte> own, ElementType type)
    {
        ReadOnlySpan<byte> mine = own.IsEmpty ? x : own;
        switch (type)
        {
            case ElementType.Float32:
                Add(MemoryMarshal.Cast<byte, float>(mine), MemoryMarshal.Cast<byte, float>(theirs));
                break;
            case ElementType.Float64:
                Add(MemoryMarshal.Cast<byte, double>(mine), MemoryMarshal.Cast<byte, double>(theirs));
                break;
            default:
                PayloadCodec width = Mixing.WidthOf(type);
                Span<float> a = stackalloc float[Mixing.Block];
                Span<float> b = stackalloc float[Mixing.Block];
                for (int at = 0; at < mine.Length; at += 2 * Mixing.Block)
                {
                    int bytes = Math.Min(2 * Mixing.Block, mine.Length - at);
                    PayloadCodecs.Decode(width, mine.Slice(at, bytes), a[..(bytes / 2)]);
                    PayloadCodecs.Decode(width, theirs.Slice(at, bytes), b[..(bytes / 2)]);
                    Add(a[..(bytes / 2)], b[..(bytes / 2)]);
                }

                break;
        }
    }

    [SkipLocalsInit]
    public void Encoded(Span<float> x, ReadOnlySpan<byte> theirs, ReadOnlySpan<float> own, PayloadCodec codec)
    {
        Span<float> decoded = stackalloc float[Mixing.Block];
        Span<float> before = stackalloc float[Mixing.Block];
        int blockBytes = (int)PayloadCodecs.EncodedLength(codec, Mixing.Block);
        for (int at = 0; at < x.Length; at += Mixing.Block)
        {
            int count = Math.Min(Mixing.Block, x.Length - at);
            PayloadCodecs.Decode(codec, theirs, decoded[..count]);
            theirs = theirs[Math.Min(blockBytes, theirs.Length)..];
            if (own.IsEmpty)
            {
                Add(x.Slice(at, count), decoded[..count]);
            }
            else
            {
                PayloadCodecs.RoundTrip(codec, own.Slice(at, count), before[..count]);
                Add(before[..count], decoded[..count]);
            }
        }
    }

    private void Add(ReadOnlySpan<float> mine, ReadOnlySpan<float> theirs)
    {
        // Summed in double: the squares of a large model have no room in a float.
        _squares += Blend.SquaredDistance(mine, theirs);
    }

    private void Add(ReadOnlySpan<double> mine, ReadOnlySpan<double> theirs)
    {
        for (int i = 0; i < mine.Length; i++)
            _squares += (theirs[i] - mine[i]) * (theirs[i] - mine[i]);
    }
}
