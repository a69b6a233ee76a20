using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Dpwa.Simulation;

namespace Dpwa.Tests.Faults;

/// <summary>
/// A model in which tearing shows. It is cut into blocks, as a subset is, and all elements of a block are one number, with a pattern of signs of their own that no two places share. Whatever mixes whole blocks of
/// such models gives such a model; half of a vector, a byte of another snapshot, or a block at another's place does not. The numbers of all blocks, workers and steps differ.
/// </summary>
internal sealed class TaggedModel
{
    private const int BlockElements = 256;

    public TaggedModel(ParameterLayout layout)
    {
        for (int tensor = 0; tensor < layout.Tensors.Length; tensor++)
        {
            TensorInfo info = layout.Tensors[tensor];
            for (int start = 0; start < info.Elements; start += BlockElements)
                Blocks.Add(new(tensor, start, (int)Math.Min(BlockElements, info.Elements - start), info.Type, info.Kind));
        }
    }

    public List<Block> Blocks { get; } = [];

    public void Write(VirtualModel model, double[] values)
    {
        for (int b = 0; b < Blocks.Count; b++)
        {
            Block block = Blocks[b];
            Span<byte> bytes = model.Segment(block.Tensor);
            for (int i = block.Start; i < block.Start + block.Count; i++)
            {
                double value = Sign(block.Tensor, i) * values[b];
                switch (block.Type)
                {
                    case ElementType.Float32:
                        MemoryMarshal.Cast<byte, float>(bytes)[i] = (float)value;
                        break;
                    case ElementType.Float64:
                        MemoryMarshal.Cast<byte, double>(bytes)[i] = value;
                        break;
                    default:
                        // bfloat16: the upper half of a float32; what is cut off matters to nobody here.
                        BinaryPrimitives.WriteUInt16LittleEndian(bytes[(2 * i)..], (ushort)(BitConverter.SingleToUInt32Bits((float)value) >> 16));
                        break;
                }
            }
        }
    }

    /// <summary>The number of each block.</summary>
    /// <exception cref="FaultViolation">An element is not finite, or does not agree with its block.</exception>
    public double[] Read(VirtualModel model, int node)
    {
        double[] values = new double[Blocks.Count];
        for (int b = 0; b < Blocks.Count; b++)
        {
            Block block = Blocks[b];
            ReadOnlySpan<byte> bytes = model.Segment(block.Tensor);
            double value = values[b] = Element(bytes, block, block.Start);
            double slack = block.Slack * Math.Max(1, Math.Abs(value));
            for (int i = block.Start; i < block.Start + block.Count; i++)
            {
                double element = Element(bytes, block, i);
                if (!double.IsFinite(element) || Math.Abs(element - value) > slack)
                    throw new FaultViolation($"the model of w{node} is torn: element {i} of tensor {block.Tensor} is {element}, its block began with {value}");
            }
        }

        return values;
    }

    /// <summary>The numbers of the slow copy, or of the momentum, of an outer optimizer; 0 for what has none.</summary>
    public double[] Read(IReadOnlyList<ReadOnlyMemory<float>> tensors, int node)
    {
        double[] values = new double[Blocks.Count];
        int parameter = -1;
        for (int b = 0; b < Blocks.Count; b++)
        {
            Block block = Blocks[b];
            if (block.Kind != TensorKind.Parameter)
                continue;
            parameter += block.Start == 0 ? 1 : 0;
            ReadOnlySpan<float> elements = tensors[parameter].Span;
            values[b] = Sign(block.Tensor, block.Start) * elements[block.Start];
            for (int i = block.Start; i < block.Start + block.Count; i++)
            {
                if (!(Math.Abs(Sign(block.Tensor, i) * elements[i] - values[b]) <= block.Slack * Math.Max(1, Math.Abs(values[b]))))
                    throw new FaultViolation($"the outer optimizer of w{node} is torn at element {i} of parameter {parameter}");
            }
        }

        return values;
    }

    private static double Element(ReadOnlySpan<byte> bytes, Block block, int i) => Sign(block.Tensor, i) * block.Type switch
    {
        ElementType.Float32 => MemoryMarshal.Cast<byte, float>(bytes)[i],
        ElementType.Float64 => MemoryMarshal.Cast<byte, double>(bytes)[i],
        _ => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16),
    };

    private static int Sign(int tensor, int i) => (int)(unchecked((uint)(i * 31 + tensor * 7 + 1) * 2654435761u) >> 31) * 2 - 1;

    /// <summary>Some elements of a tensor that travel together.</summary>
    public readonly record struct Block(int Tensor, int Start, int Count, ElementType Type, TensorKind Kind)
    {
        /// <summary>How far apart rounding may leave equal numbers, relative to them.</summary>
        public double Slack => Type == ElementType.BFloat16 ? 1e-2 : 1e-5;
    }
}
