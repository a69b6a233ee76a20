using Dpwa.Protocol;

namespace Dpwa.Snapshots;

/// <summary>A small body: text, a layout.</summary>
internal sealed class BytesPayload(byte[] bytes) : IPayload
{
    public long Length => bytes.Length;

    public Memory<byte> Segment(int index) => bytes;

    public void Dispose()
    {
    }
}
