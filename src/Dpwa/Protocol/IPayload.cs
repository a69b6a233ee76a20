namespace Dpwa.Protocol;

/// <summary>
/// Bytes under a lease, in segments of <see cref="SegmentSize"/> (the last may be shorter): lengths are 64-bit although memory is addressed by 32.
/// <see cref="IDisposable.Dispose"/> ends one lease; until then nobody overwrites the bytes.
/// </summary>
public interface IPayload : IDisposable
{
    /// <summary>Bytes of every segment but the last.</summary>
    const int SegmentSize = 1 << 30;

    /// <summary>Bytes in all.</summary>
    long Length { get; }

    /// <summary>One segment, by its index from 0.</summary>
    Memory<byte> Segment(int index);
}

/// <summary>Access to a payload by 64-bit offset.</summary>
public static class Payloads
{
    /// <summary>The bytes from <paramref name="offset"/> on: <paramref name="length"/> of them, or fewer where a segment ends.</summary>
    public static Memory<byte> Piece(this IPayload payload, long offset, long length)
    {
        ArgumentNullException.ThrowIfNull(payload);
        Memory<byte> segment = payload.Segment((int)(offset / IPayload.SegmentSize));
        int start = (int)(offset % IPayload.SegmentSize);
        return segment.Slice(start, (int)Math.Min(length, segment.Length - start));
    }
}
