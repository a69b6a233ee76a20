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
        var step = new MixStep(a);
        Each(model, layout, peer, own, codec, ref step);
    }

    /// <summary>Takes a step with every tensor of a model and of a verified payload.</summary>
    internal static void Each<TModel, TStep>(TModel model, ParameterLayout layout, IPayload peer, IPayload? own, PayloadCodec codec, ref TStep step)
        where TModel : IModelMemory, allows ref struct
        where TStep : struct, IPairStep
    {
        EncodedLayout encoded = EncodedLayout.Of(layout, codec);
        for (int i = 0; i < layout.Tensors.Length; i++)
            OfTensor(model.Segment(i), layout.Tensors[i], encoded.CodecOf(i), peer, encoded.Offset(i), own, layout.Offset(i), ref step);
    }

    /// <summary>Whether snapshots of this layout are written past the caches.</summary>
    internal static bool PastCaches(ParameterLayout layout) => layout.PayloadLength >= PastCachesFrom;

    /// <summary>Takes a step with one tensor, or some of it from where a block of the codec starts.</summary>
    /// <param name="x">My values.</param>
    /// <param name="tensor">What the peer has sent them as: its type and kind count.</param>
    /// <param name="codec">How they are encoded.</param>
    /// <param name="peer">The peer's payload.</param>
    /// <param name="peerOffset">Where they are in it.</param>
    /// <param name="own">My own snapshot, not encoded; null in the parameters form.</param>
    /// <param name="ownOffset">Where they are in that.</param>
    /// <param name="step">What is done.</param>
    internal static void OfTensor<TStep>(Span<byte> x, TensorInfo tensor, PayloadCodec codec, IPayload peer, long peerOffset, IPayload? own, long ownOffset, ref TStep step)
        where TStep : struct, IPairStep
    {
        if (codec == PayloadCodec.Native)
            OfNative(x, tensor, peer, peerOffset, own, ownOffset, ref step);
        else
            OfEncoded(MemoryMarshal.Cast<byte, float>(x), codec, peer, peerOffset, own, ownOffset, ref step);
    }

    /// <summary>A tensor in its own element type.</summary>
    private static void OfNative<TStep>(Span<byte> x, TensorInfo tensor, IPayload peer, long peerOffset, IPayload? own, long ownOffset, ref TStep step)
        where TStep : struct, IPairStep
    {
        // Neither payload cuts an element, but where segments end they need not cut at the same place.
        for (int done = 0; done < x.Length;)
        {
            ReadOnlySpan<byte> theirs = peer.Piece(peerOffset + done, x.Length - done).Span;
            ReadOnlySpan<byte> before = own is null || tensor.Kind == TensorKind.Statistic ? default : own.Piece(ownOffset + done, theirs.Length).Span;
            if (!before.IsEmpty)
                theirs = theirs[..before.Length];
            step.Native(x.Slice(done, theirs.Length), theirs, before, tensor.Type);
            done += theirs.Length;
        }
    }

    /// <summary>A float32 parameter that the peer has sent encoded.</summary>
    [SkipLocalsInit]
    private static void OfEncoded<TStep>(Span<float> x, PayloadCodec codec, IPayload peer, long peerOffset, IPayload? own, long ownOffset, ref TStep step)
        where TStep : struct, IPairStep
    {
        Span<byte> theirScratch = stackalloc byte[WholeUnits.Longest];
        Span<byte> ownScratch = stackalloc byte[WholeUnits.Longest];
        long length = PayloadCodecs.EncodedLength(codec, x.Length);
        long done = 0;
        while (!x.IsEmpty)
        {
            ReadOnlySpan<byte> theirs = peer.Whole(peerOffset + done, length - done, PayloadCodecs.Unit(codec), theirScratch);
            int count = (int)PayloadCodecs.Elements(codec, theirs.Length);
            long before = ownOffset + PayloadCodecs.Elements(codec, done) * sizeof(float);
            ReadOnlySpan<float> mine = own is null ? default : MemoryMarshal.Cast<byte, float>(own.Whole(before, (long)count * sizeof(float), WholeUnits.Longest, ownScratch));
            if (own is not null)
                count = mine.Length;
            step.Encoded(x[..count], theirs, mine, codec);
            x = x[count..];
            done += PayloadCodecs.EncodedLength(codec, count);
        }
    }
}
