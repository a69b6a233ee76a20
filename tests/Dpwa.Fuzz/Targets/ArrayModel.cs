using Dpwa.Snapshots;

namespace Dpwa.Fuzz.Targets;

/// <summary>A model in arrays, all ones.</summary>
internal sealed class ArrayModel : IParameterSet
{
    private readonly byte[][] _tensors;

    public ArrayModel(ParameterLayout layout)
    {
        Layout = layout;
        _tensors = [.. layout.Tensors.Select(t => new byte[t.ByteLength])];
        foreach ((TensorInfo tensor, byte[] bytes) in layout.Tensors.Zip(_tensors))
        {
            ReadOnlySpan<byte> one = tensor.Type switch
            {
                ElementType.Float32 => [0, 0, 0x80, 0x3F],
                ElementType.Float64 => [0, 0, 0, 0, 0, 0, 0xF0, 0x3F],
                ElementType.Float16 => [0, 0x3C],
                _ => [0x80, 0x3F],
            };
            for (int at = 0; at < bytes.Length; at += one.Length)
                one.CopyTo(bytes.AsSpan(at));
        }
    }

    public ParameterLayout Layout { get; }

    public Span<byte> Segment(int index) => _tensors[index];

    public bool HasContentOf(ArrayModel other) => _tensors.Zip(other._tensors).All(t => t.First.AsSpan().SequenceEqual(t.Second));

    public bool IsFinite() => Layout.Tensors.Zip(_tensors).All(t => FiniteCopy.IsFinite(t.Second, t.First.Type));
}
