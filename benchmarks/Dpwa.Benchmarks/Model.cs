using System.Runtime.InteropServices;
using Dpwa.Averaging;
using Dpwa.Snapshots;

namespace Dpwa.Benchmarks;

/// <summary>A model in memory, of the form of a ResNet: many small tensors among few large ones.</summary>
internal sealed class Model : IParameterSet
{
    private const int Groups = 20;

    private readonly Snapshot _memory;

    public Model(int elements, ElementType type = ElementType.Float32)
    {
        Layout = LayoutOf(elements, type);
        _memory = new Snapshot(Layout);
        var random = new Random(1);
        for (int i = 0; i < Layout.Tensors.Length; i++)
            Fill(Segment(i), type, random);
    }

    public ParameterLayout Layout { get; }

    /// <summary>The whole model as one payload.</summary>
    public Snapshot Payload => _memory;

    public Span<byte> Segment(int index) => _memory.Segment(0).Span.Slice((int)Layout.Offset(index), (int)Layout.Tensors[index].ByteLength);

    /// <summary>Twenty groups of a weight, a scale and a shift.</summary>
    public static ParameterLayout LayoutOf(int elements, ElementType type = ElementType.Float32) => new(Enumerable.Range(0, Groups).SelectMany(g =>
    {
        int vector = 64 << (g * 4 / Groups);
        int weight = (int)((long)elements * (g + 1) / (Groups * (Groups + 1) / 2)) - 2 * vector;
        return new[] { ("weight", weight), ("scale", vector), ("shift", vector) }
            .Select(t => new TensorInfo($"layer{g}.{t.Item1}", [t.Item2], type, TensorKind.Parameter));
    }));

    private static void Fill(Span<byte> segment, ElementType type, Random random)
    {
        switch (type)
        {
            case ElementType.Float32:
                foreach (ref float value in MemoryMarshal.Cast<byte, float>(segment))
                    value = random.NextSingle() - 0.5f;
                break;
            case ElementType.Float16:
                foreach (ref Half value in MemoryMarshal.Cast<byte, Half>(segment))
                    value = (Half)(random.NextSingle() - 0.5f);
                break;
            default:
                foreach (ref ushort value in MemoryMarshal.Cast<byte, ushort>(segment))
                    value = (ushort)(BitConverter.SingleToUInt32Bits(random.NextSingle() - 0.5f) >> 16);
                break;
        }
    }
}
