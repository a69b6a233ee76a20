using System.Runtime.InteropServices;
using Dpwa.Protocol;

namespace Dpwa.Snapshots;

/// <summary>
/// Memory for one payload, allocated once and reused. Pinned, so that sockets read and write it directly, and aligned like the tensors in it.
/// The garbage collector owns it: a late reader can at worst see old bytes, never freed ones.
/// </summary>
internal sealed class PayloadBuffer
{
    private readonly Memory<byte>[] _segments;

    public PayloadBuffer(long length)
        : this(length, static (_, count) => Allocate(count))
    {
    }

    /// <summary>Memory that is somebody else's: so many bytes from an offset on, a segment each.</summary>
    public PayloadBuffer(long length, Func<long, int, Memory<byte>> segmentAt)
    {
        Length = length;
        _segments = new Memory<byte>[(int)((length + IPayload.SegmentSize - 1) / IPayload.SegmentSize)];
        for (int i = 0; i < _segments.Length; i++)
        {
            long offset = (long)i * IPayload.SegmentSize;
            _segments[i] = segmentAt(offset, (int)Math.Min(IPayload.SegmentSize, length - offset));
        }
    }

    public long Length { get; }

    public Memory<byte> Segment(int index) => _segments[index];

    private static Memory<byte> Allocate(int length)
    {
        // Zeroed, because the padding between tensors is sent too and must not be somebody's old memory.
        byte[] array = GC.AllocateArray<byte>(length + ParameterLayout.Alignment, pinned: true);
        nint address = Marshal.UnsafeAddrOfPinnedArrayElement(array, 0);
        int start = (int)(-address & (ParameterLayout.Alignment - 1));
        return array.AsMemory(start, length);
    }
}
