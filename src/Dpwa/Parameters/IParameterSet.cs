namespace Dpwa;

/// <summary>
/// The live parameters of a model, as host memory that can be read and written in place. <see cref="DpwaConnection"/> calls it
/// on the caller's thread only, inside <c>UpdateSend</c> and <c>UpdateWait</c>.
/// </summary>
public interface IParameterSet : IModelMemory
{
    /// <summary>The tensors, in the order of the segments. It must not change.</summary>
    ParameterLayout Layout { get; }

    /// <inheritdoc cref="IModelMemory.Segment"/>
    new Span<byte> Segment(int index);

    /// <inheritdoc/>
    Span<byte> IModelMemory.Segment(int index) => Segment(index);

    /// <summary>Called before segments are read: a set whose tensors live on a device copies them to the host here.</summary>
    void Load()
    {
    }

    /// <summary>Called after segments were written: a set whose tensors live on a device copies them back here.</summary>
    void Store()
    {
    }
}

/// <summary>A model's tensors as memory.</summary>
public interface IModelMemory
{
    /// <summary>The bytes of tensor <paramref name="index"/>: exactly <see cref="TensorInfo.ByteLength"/>, contiguous, row-major, little-endian.
    /// For tensors in host memory this aliases them, so that mixing writes straight into the model.</summary>
    Span<byte> Segment(int index);
}
