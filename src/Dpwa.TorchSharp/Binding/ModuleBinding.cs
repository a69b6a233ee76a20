using TorchSharp;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Binding;

/// <summary>The tensors of a module bound to host memory, as segments in the order of a layout.</summary>
internal sealed class ModuleBinding : IDisposable
{
    private readonly List<BoundTensor> _tensors = [];
    private readonly List<Device> _cudaDevices = [];
    private readonly Segment[] _segments;

    /// <summary>Binds <paramref name="selected"/>.</summary>
    /// <param name="selected">The tensors.</param>
    /// <param name="stageAll">Stages also what could be mixed in place, as if it were on a device.</param>
    public ModuleBinding(IReadOnlyList<SelectedTensor> selected, bool stageAll)
    {
        var segments = new List<Segment>();
        var tensors = new List<TensorInfo>();
        bool[] staged = [.. selected.Select(s => stageAll || s.Tensor.device_type != DeviceType.CPU || !s.Tensor.is_contiguous())];
        using var buffers = new HostBuffers(selected.Where((_, i) => staged[i]).Select(s => s.Tensor));
        for (int i = 0; i < selected.Count; i++)
        {
            (Tensor tensor, TensorInfo info) = (selected[i].Tensor, selected[i].Info);
            long offset = 0;
            foreach (TensorInfo piece in ParameterLayout.Split(info))
            {
                tensors.Add(piece);
                segments.Add(new(i, offset, checked((int)piece.ByteLength)));
                offset += piece.ByteLength;
            }

            bool cuda = tensor.device_type == DeviceType.CUDA;
            _tensors.Add(staged[i]
                ? new StagedTensor(tensor, buffers.Take(tensor), info.ByteLength, nonBlocking: cuda)
                : new DirectTensor(tensor, info.ByteLength));
            if (cuda && _cudaDevices.TrueForAll(d => d.index != tensor.device_index))
                _cudaDevices.Add(tensor.device);
        }

        _segments = [.. segments];
        Layout = new ParameterLayout(tensors);
        if (!TryRefresh())
            throw new InvalidOperationException("The model changed while it was being bound.");
    }

    /// <summary>The layout of the segments.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>Whether any tensor is mixed in a copy.</summary>
    public bool IsStaged => _tensors.Exists(t => t is StagedTensor);

    /// <summary>Looks up where the tensors are now; false when one was replaced. Below 1 µs a tensor, without allocation.</summary>
    public bool TryRefresh()
    {
        int segment = 0;
        for (int i = 0; i < _tensors.Count; i++)
        {
            if (!_tensors[i].TryAddress(out nint address))
                return false;
            for (; segment < _segments.Length && _segments[segment].Tensor == i; segment++)
                _segments[segment].Address = address + (nint)_segments[segment].Offset;
        }

        return true;
    }

    /// <summary>Copies what is staged to the host, and waits until it is there.</summary>
    public void ToHost()
    {
        foreach (BoundTensor tensor in _tensors)
            tensor.ToHost();
        Synchronize();
    }

    /// <summary>Copies what is staged back, and waits until it is there.</summary>
    public void FromHost()
    {
        foreach (BoundTensor tensor in _tensors)
            tensor.FromHost();
        Synchronize();
    }

    /// <summary>The bytes of a segment.</summary>
    public unsafe Span<byte> Bytes(int segment) => new((void*)_segments[segment].Address, _segments[segment].Length);

    /// <inheritdoc/>
    public void Dispose() => _tensors.ForEach(t => t.Dispose());

    private void Synchronize()
    {
        foreach (Device device in _cudaDevices)
            cuda.synchronize(device);
    }

    private record struct Segment(int Tensor, long Offset, int Length)
    {
        public nint Address { get; set; }
    }
}
