using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dpwa.Codecs;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Averaging;

/// <summary>Reading a whole model into a snapshot, and mixing a whole payload into a model.</summary>
public static class ModelUpdate
{
    /// <summary>Bytes of a model from which its snapshot is written past the caches. Measured with two workers and 32 MB of cache: a tenth less time for a whole
    /// exchange from 10 MB on.</summary>
    private const long PastCachesFrom = 8 << 20;

    /// <summary>What is copied from beginning to end, as processors expect it; much less than a cache, a multiple of the alignment of snapshots.</summary>
    private const int PieceBytes = 256 * 1024;

    /// <summary>Copies the model into the snapshot. Gives whether every value is finite; one that is not must not be published.</summary>
    public static bool Publish<TModel>(TModel model, Snapshot snapshot)
        where TModel : IModelMemory, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ParameterLayout layout = snapshot.Layout;
        bool pastCaches = PastCaches(layout);

        // From the end to the beginning. The caches hold the end of the model, where the last mixing ended, and would lose it on the way to it; and the beginning of the
        // snapshot, written last, is what a reader reads first.
        for (int i = layout.Tensors.Length - 1; i >= 0; i--)
        {
            if (!PublishTensor(model.Segment(i), snapshot, layout.Offset(i), layout.Tensors[i].Type, pastCaches))
                return false;
        }

        return true;
    }

    /// <summary>Copies one tensor to its place in the snapshot, from the end to the beginning. Gives whether every value is finite.</summary>
    internal static bool PublishTensor(ReadOnlySpan<byte> tensor, Snapshot snapshot, long offset, ElementType type, bool pastCaches)
    {
        for (int end = tensor.Length; end > 0;)
        {
            int start = (end - 1) / PieceBytes * PieceBytes;
            Span<byte> piece = snapshot.Piece(offset + start, end - start).Span;
            if (piece.Length < end - start)
            {
                // A segment of the snapshot ends within: what is behind it first.
                start += piece.Length;
                piece = snapshot.Piece(offset + start, end - start).Span;
            }

            if (!FiniteCopy.Copy(tensor[start..end], piece, type, pastCaches))
                return false;
            end = start;
        }

        return true;
    }

    /// <summary>Mixes a verified payload into the model: parameters in the given form, statistics always in the convex one.</summary>
    /// <param name="model">My live model.</param>
    /// <param name="layout">Its layout, and the payload's.</param>
    /// <param name="peer">The peer's snapshot.</param>
    /// <param name="own">My own snapshot, not encoded; needed in the delta form.</param>
    /// <param name="a">The factor in [0, 1].</param>
    /// <param name="codec">How the peer's snapshot is encoded.</param>
    public static void Mix<TModel>(TModel model, ParameterLayout layout, IPayload peer, IPayload? own, double a, PayloadCodec codec = PayloadCodec.Native)
        where TModel : IModelMemory, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(peer);
        EncodedLayout encoded = EncodedLayout.Of(layout, codec);
        for (int i = 0; i < layout.Tensors.Length; i++)
            MixTensor(model.Segment(i), layout.Tensors[i], encoded.CodecOf(i), peer, encoded.Offset(i), own, layout.Offset(i), a);
    }

    /// <summary>Whether snapshots of this layout are written past the caches.</summary>
    internal static bool PastCaches(ParameterLayout layout) => layout.PayloadLength >= PastCachesFrom;

    /// <summary>Mixes one tensor, or some of it from where a block of the codec starts.</summary>
    /// <param name="x">My values.</param>
    /// <param name="tensor">What the peer has sent them as: its type and kind count.</param>
    /// <param name="codec">How they are encoded.</param>
    /// <param name="peer">The peer's payload.</param>
    /// <param name="peerOffset">Where they are in it.</param>
    /// <param name="own">My own snapshot, not encoded; null in the parameters form.</param>
    /// <param name="ownOffset">Where they are in that.</param>
    /// <param name="a">The factor in [0, 1].</param>
    internal static void MixTensor(Span<byte> x, TensorInfo tensor, PayloadCodec codec, IPayload peer, long peerOffset, IPayload? own, long ownOffset, double a)
    {
        if (codec == PayloadCodec.Native)
            MixNative(x, tensor, peer, peerOffset, own, ownOffset, a);
        else
            MixEncoded(MemoryMarshal.Cast<byte, float>(x), codec, peer, peerOffset, own, ownOffset, a);
    }

    /// <summary>A tensor in its own element type.</summary>
    private static void MixNative(Span<byte> x, TensorInfo tensor, IPayload peer, long peerOffset, IPayload? own, long ownOffset, double a)
    {
        // Neither payload cuts an element, but where segments end they need not cut at the same place.
        for (int done = 0; done < x.Length;)
        {
            ReadOnlySpan<byte> theirs = peer.Piece(peerOffset + done, x.Length - done).Span;
            if (own is null || tensor.Kind == TensorKind.Statistic)
            {
                Mixing.Interpolate(x.Slice(done, theirs.Length), theirs, a, tensor.Type);
                done += theirs.Length;
            }
            else
            {
                ReadOnlySpan<byte> before = own.Piece(ownOffset + done, theirs.Length).Span;
                Mixing.Shift(x.Slice(done, before.Length), theirs[..before.Length], before, a, tensor.Type);
                done += before.Length;
            }
        }
    }

    /// <summary>A float32 parameter that the peer has sent encoded.</summary>
    [SkipLocalsInit]
    private static void MixEncoded(Span<float> x, PayloadCodec codec, IPayload peer, long peerOffset, IPayload? own, long ownOffset, double a)
    {
        Span<byte> theirScratch = stackalloc byte[WholeUnits.Longest];
        Span<byte> ownScratch = stackalloc byte[WholeUnits.Longest];
        long length = PayloadCodecs.EncodedLength(codec, x.Length);
        long done = 0;
        while (!x.IsEmpty)
        {
            ReadOnlySpan<byte> theirs = peer.Whole(peerOffset + done, length - done, PayloadCodecs.Unit(codec), theirScratch);
            int count = (int)PayloadCodecs.Elements(codec, theirs.Length);
            if (own is null)
            {
                Mixing.Interpolate(x[..count], theirs, a, codec);
            }
            else
            {
                long before = ownOffset + PayloadCodecs.Elements(codec, done) * sizeof(float);
                ReadOnlySpan<float> mine = MemoryMarshal.Cast<byte, float>(own.Whole(before, (long)count * sizeof(float), WholeUnits.Longest, ownScratch));
                count = mine.Length;
                Mixing.Shift(x[..count], theirs, mine, a, codec);
            }

            x = x[count..];
            done += PayloadCodecs.EncodedLength(codec, count);
        }
    }
}
