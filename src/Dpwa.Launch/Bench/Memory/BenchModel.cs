namespace Dpwa.Launch.Bench.Memory;

/// <summary>A model of a given size that does not learn anything.</summary>
internal sealed class BenchModel(ParameterLayout layout, int seed) : IParameterSet, IDisposable
{
    private readonly NativeBlock _memory = new(layout.PayloadLength, seed, layout.Tensors[0].Type);

    public ParameterLayout Layout => layout;

    /// <summary>All of it.</summary>
    public NativeBlock Memory => _memory;

    public Span<byte> Segment(int index) => _memory.Span(layout.Offset(index), layout.Tensors[index].ByteLength);

    public void Dispose() => _memory.Dispose();
}
