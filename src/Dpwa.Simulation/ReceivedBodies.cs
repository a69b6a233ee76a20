using Dpwa.Protocol;

namespace Dpwa.Simulation;

/// <summary>The memory that bodies arrive in at one node. One of each kind is kept for the next.</summary>
internal sealed class ReceivedBodies
{
    private Body? _free;

    /// <summary>Copies a body that arrives, and ends its lease.</summary>
    public IPayload Receive(IPayload sent)
    {
        using (sent)
        {
            Body body = _free is { } free && free.Length == sent.Length ? free : new Body(this, sent.Length);
            _free = null;
            for (long at = 0; at < sent.Length;)
            {
                Memory<byte> piece = sent.Piece(at, sent.Length - at);
                piece.CopyTo(body.Piece(at, piece.Length));
                at += piece.Length;
            }

            return body;
        }
    }

    private sealed class Body(ReceivedBodies owner, long length) : IPayload
    {
        private readonly byte[][] _segments =
        [
            .. Enumerable.Range(0, (int)((length + IPayload.SegmentSize - 1) / IPayload.SegmentSize))
                .Select(i => new byte[Math.Min(IPayload.SegmentSize, length - (long)i * IPayload.SegmentSize)]),
        ];

        public long Length => length;

        public Memory<byte> Segment(int index) => _segments[index];

        public void Dispose() => owner._free = this;
    }
}
