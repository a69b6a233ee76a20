using System.Runtime.InteropServices;
using Dpwa.Checkpoints;

namespace Dpwa;

/// <summary>The tensors of a parameter set as part of a checkpoint, under the names of its layout.</summary>
/// <param name="parameters">The live parameters.</param>
public sealed class ParameterSetPart(IParameterSet parameters) : CheckpointPart
{
    private readonly Dictionary<string, int> _index = parameters.Layout.Tensors.Select((t, i) => (t.Name, i)).ToDictionary(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override IEnumerable<StoredTensor> Tensors()
    {
        parameters.Load();
        return Stored();
    }

    /// <inheritdoc/>
    public override void Write(string name, CheckpointWriter file)
    {
        ArgumentNullException.ThrowIfNull(file);
        file.Write(parameters.Segment(_index[name]));
    }

    /// <inheritdoc/>
    public override void Check(CheckpointReader file)
    {
        ArgumentNullException.ThrowIfNull(file);
        foreach (StoredTensor tensor in Stored())
            file.Expect(tensor);
    }

    /// <inheritdoc/>
    public override void Read(CheckpointReader file)
    {
        ArgumentNullException.ThrowIfNull(file);

        // For a set that reads its tensors through a copy: it finds out where they are.
        parameters.Load();
        foreach ((string name, int index) in _index)
            file.Read(name, parameters.Segment(index));
        parameters.Store();
    }

    private IEnumerable<StoredTensor> Stored() => parameters.Layout.Tensors.Select(t => new StoredTensor(t.Name, t.Type.Stored(), t.Shape));
}

/// <summary>A flat vector of parameters as part of a checkpoint, under the name <c>parameters</c>.</summary>
/// <param name="parameters">The live parameters.</param>
public sealed class FlatPart(Memory<float> parameters) : CheckpointPart
{
    private readonly StoredTensor _tensor = new("parameters", StoredType.F32, [parameters.Length]);

    /// <inheritdoc/>
    public override IEnumerable<StoredTensor> Tensors() => [_tensor];

    /// <inheritdoc/>
    public override void Write(string name, CheckpointWriter file) => (file ?? throw new ArgumentNullException(nameof(file))).WriteAll(parameters.Span);

    /// <inheritdoc/>
    public override void Check(CheckpointReader file) => (file ?? throw new ArgumentNullException(nameof(file))).Expect(_tensor);

    /// <inheritdoc/>
    public override void Read(CheckpointReader file) => (file ?? throw new ArgumentNullException(nameof(file))).ReadAll(_tensor.Name, parameters.Span);
}

/// <summary>A span of bytes is shorter than 2 GiB; a vector of floats may be longer.</summary>
file static class FloatPieces
{
    private const int Piece = 1 << 28;

    public static void WriteAll(this CheckpointWriter writer, ReadOnlySpan<float> values)
    {
        for (; !values.IsEmpty; values = values[Math.Min(Piece, values.Length)..])
            writer.Write(MemoryMarshal.AsBytes(values[..Math.Min(Piece, values.Length)]));
    }

    public static void ReadAll(this CheckpointReader reader, string name, Span<float> values)
    {
        for (long start = 0; !values.IsEmpty; values = values[Math.Min(Piece, values.Length)..], start += (long)Piece * sizeof(float))
            reader.Read(name, MemoryMarshal.AsBytes(values[..Math.Min(Piece, values.Length)]), start);
    }
}
