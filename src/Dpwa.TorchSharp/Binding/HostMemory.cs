using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Binding;

/// <summary>Where a tensor in host memory keeps its elements.</summary>
internal static class HostMemory
{
    /// <summary>The address of the first element of a tensor in host memory, contiguous or not.</summary>
    public static unsafe nint AddressOf(Tensor tensor)
    {
        using Tensor detached = tensor.detach();
        using Tensor first = detached.as_strided([1], [1], tensor.storage_offset());
        return (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
    }

    /// <summary>
    /// The address of a contiguous tensor in host memory that still has <paramref name="byteLength"/> bytes; false when it is anything else by now: disposed,
    /// moved to a device, resized, transposed.
    /// </summary>
    public static unsafe bool TryAddressOf(Tensor tensor, long byteLength, out nint address)
    {
        address = 0;
        if (tensor.IsInvalid)
            return false;

        // A span is at most 2 GiB - 1 long, so the short way is closed to larger tensors.
        if (byteLength > int.MaxValue)
        {
            if (tensor.device_type != DeviceType.CPU || !tensor.is_contiguous() || tensor.NumberOfElements * tensor.ElementSize != byteLength)
                return false;
            address = AddressOf(tensor);
            return true;
        }

        try
        {
            Span<byte> bytes = tensor.bytes;
            address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes));
            return bytes.Length == byteLength;
        }
        catch (Exception e) when (e is NotImplementedException or InvalidOperationException or ArgumentException)
        {
            // What Tensor.bytes throws for a tensor that is no longer contiguous, in host memory, or short enough.
            return false;
        }
    }
}
