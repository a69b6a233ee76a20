using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Averaging;

/// <summary>Reading a whole model into a snapshot, and mixing a whole payload into a model.</summary>
public static class ModelUpdate
{
    /// <summary>Copies the model into the snapshot. Gives whether every value is finite; one that is not must not be published.</summary>
    public static bool Publish<TModel>(TModel model, Snapshot snapshot)
        where TModel : IModelMemory, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ParameterLayout layout = snapshot.Layout;
        for (int i = 0; i < layout.Tensors.Length; i++)
        {
            ReadOnlySpan<byte> tensor = model.Segment(i);
            for (int done = 0; done < tensor.Length;)
            {
                Span<byte> piece = snapshot.Piece(layout.Offset(i) + done, tensor.Length - done).Span;
                if (!FiniteCopy.Copy(tensor.Slice(done, piece.Length), piece, layout.Tensors[i].Type))
                    return false;
                done += piece.Length;
            }
        }

        return true;
    }

    /// <summary>Mixes a verified payload into the model: parameters in the given form, statistics always in the convex one.</summary>
    /// <param name="model">My live model.</param>
    /// <param name="layout">Its layout, and the payload's.</param>
    /// <param name="peer">The peer's snapshot.</param>
    /// <param name="own">My own snapshot; needed in the delta form.</param>
    /// <param name="a">The factor in [0, 1].</param>
    public static void Mix<TModel>(TModel model, ParameterLayout layout, IPayload peer, IPayload? own, double a)
        where TModel : IModelMemory, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(layout);
        for (int i = 0; i < layout.Tensors.Length; i++)
        {
            (ElementType type, TensorKind kind) = (layout.Tensors[i].Type, layout.Tensors[i].Kind);
            Span<byte> tensor = model.Segment(i);
            for (int done = 0; done < tensor.Length;)
            {
                long offset = layout.Offset(i) + done;
                ReadOnlySpan<byte> theirs = peer.Piece(offset, tensor.Length - done).Span;
                Span<byte> mine = tensor.Slice(done, theirs.Length);
                if (own is null || kind == TensorKind.Statistic)
                    Mixing.Interpolate(mine, theirs, a, type);
                else
                    Mixing.Shift(mine, theirs, own.Piece(offset, theirs.Length).Span, a, type);
                done += theirs.Length;
            }
        }
    }
}
