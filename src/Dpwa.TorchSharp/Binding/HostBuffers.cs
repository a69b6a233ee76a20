using TorchSharp;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Binding;

/// <summary>
/// The reused host memory of staged tensors: one buffer for each element type, page-locked when a CUDA device copies to it, since only then
/// do copies run at full speed and side by side.
/// </summary>
internal sealed class HostBuffers : IDisposable
{
    private readonly Dictionary<ScalarType, (Tensor Buffer, long Used)> _buffers = [];

    /// <summary>Room for these tensors, each once.</summary>
    public HostBuffers(IEnumerable<Tensor> tensors)
    {
        foreach (IGrouping<ScalarType, Tensor> group in tensors.GroupBy(t => t.dtype))
        {
            Tensor buffer = empty(group.Sum(RoomFor), dtype: group.Key).DetachFromDisposeScope();
            if (group.Any(t => t.device_type == DeviceType.CUDA))
            {
                Tensor pageable = buffer;
                buffer = pageable.pin_memory().DetachFromDisposeScope();
                pageable.Dispose();
            }

            _buffers.Add(group.Key, (buffer, 0));
        }
    }

    /// <summary>A contiguous part of the buffer in the shape of <paramref name="tensor"/>. It belongs to the caller and stays valid after this is disposed.</summary>
    public Tensor Take(Tensor tensor)
    {
        (Tensor buffer, long used) = _buffers[tensor.dtype];
        using Tensor part = buffer.narrow(0, used, tensor.NumberOfElements);
        _buffers[tensor.dtype] = (buffer, used + RoomFor(tensor));
        return part.view(tensor.shape).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((Tensor buffer, _) in _buffers.Values)
            buffer.Dispose();
    }

    /// <summary>Each starts at a multiple of 64 bytes of the buffer, for vector loads.</summary>
    private static long RoomFor(Tensor tensor)
    {
        long step = ParameterLayout.Alignment / tensor.ElementSize;
        return (tensor.NumberOfElements + step - 1) / step * step;
    }
}
