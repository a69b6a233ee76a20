using TorchSharp;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Binding;

/// <summary>
/// Finds tensors that share memory (tied weights, views), so that each element is mixed once. In host memory by address; on a device
/// by the tensor object, which <c>named_parameters()</c> does already.
/// </summary>
internal static class SharedMemory
{
    /// <summary>Leaves out each tensor whose memory is that of an earlier one or lies within another.</summary>
    /// <exception cref="ArgumentException">Two tensors share a part of their memory only.</exception>
    public static IReadOnlyList<SelectedTensor> WithoutRepeats(IReadOnlyList<SelectedTensor> tensors)
    {
        Region?[] regions = [.. tensors.Select(t => RegionOf(t.Tensor))];
        bool[] repeated = new bool[tensors.Count];
        for (int i = 0; i < tensors.Count; i++)
        {
            // Of two that are the same memory the earlier stays.
            for (int j = 0; j < tensors.Count && !repeated[i]; j++)
                repeated[i] = i != j && regions[i] is { } inner && regions[j] is { } outer && outer.Covers(inner) && (j < i || !inner.Covers(outer));
        }

        List<int> kept = [.. Enumerable.Range(0, tensors.Count).Where(i => !repeated[i])];
        List<int> byStart = [.. kept.Where(i => regions[i] is not null).OrderBy(i => regions[i]!.Start)];
        foreach ((int a, int b) in byStart.Zip(byStart.Skip(1)))
        {
            if (regions[b]!.Start < regions[a]!.End)
            {
                throw new ArgumentException($"Tensors '{tensors[a].Name}' and '{tensors[b].Name}' share a part of their memory, so that part would be mixed twice. "
                    + $"Make them separate tensors, or leave one out with {nameof(DpwaTorchOptions)}.{nameof(DpwaTorchOptions.Exclude)}.");
            }
        }

        return [.. kept.Select(i => tensors[i])];
    }

    private static Region? RegionOf(Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU)
            return null;
        long[] strides = tensor.stride();
        long elements = 1 + tensor.shape.Zip(strides).Sum(d => (d.First - 1) * d.Second);
        nint start = HostMemory.AddressOf(tensor);
        return new(start, start + checked((nint)(elements * tensor.ElementSize)), elements == tensor.NumberOfElements, tensor.dtype, tensor.shape, strides);
    }

    /// <summary>From the first to past the last byte; dense when nothing in between belongs to something else. Torch has no negative strides.</summary>
    private sealed record Region(nint Start, nint End, bool IsDense, ScalarType Type, long[] Shape, long[] Strides)
    {
        public bool Covers(Region other) =>
            (IsDense && Start <= other.Start && other.End <= End)
            || (Start == other.Start && Type == other.Type && Shape.AsSpan().SequenceEqual(other.Shape) && Strides.AsSpan().SequenceEqual(other.Strides));
    }
}
