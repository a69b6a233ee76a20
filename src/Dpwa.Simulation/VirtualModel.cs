using System.Runtime.InteropServices;

namespace Dpwa.Simulation;

/// <summary>The live tensors of a virtual node.</summary>
public sealed class VirtualModel(ParameterLayout layout) : IModelMemory
{
    private readonly byte[][] _tensors = [.. layout.Tensors.Select(t => new byte[t.ByteLength])];

    /// <summary>What the tensors are.</summary>
    public ParameterLayout Layout => layout;

    /// <inheritdoc/>
    public Span<byte> Segment(int index) => _tensors[index];

    /// <summary>A tensor of float32 as values.</summary>
    public Span<float> Values(int index = 0) => MemoryMarshal.Cast<byte, float>(_tensors[index].AsSpan());

    /// <summary>Copies every tensor.</summary>
    public void CopyTo(VirtualModel other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (int i = 0; i < _tensors.Length; i++)
            _tensors[i].CopyTo(other._tensors[i].AsSpan());
    }
}
