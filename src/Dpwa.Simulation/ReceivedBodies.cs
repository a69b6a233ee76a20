using Dpwa.Codecs;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Simulation;

/// <summary>The memory that bodies arrive in at one node. One of each kind is kept for the next.</summary>
internal sealed class ReceivedBodies
{
    private Body? _free;
    private PayloadEncoder? _encoder;

    /// <summary>How many bodies are held.</summary>
    public int Leases { get; private set; }

    /// <summary>Copies a body that arrives, encoded where the header says so, and ends its lease.</summary>
    public IPayload Receive(in MessageHeader header, IPayload sent)
    {
        using (sent)
        {
            long length = (long)header.BodyLength;
            Body body = _free is { } free && free.Length == length ? free : new Body(this, length);
            _free = null;
            Leases++;
            if (header.Codec != PayloadCodec.Native && sent is Snapshot snapshot)
            {
                _encoder ??= new PayloadEncoder();
                _encoder.Begin(snapshot, EncodedLayout.Of(snapshot.Layout, header.Codec));
                for (long at = 0; _encoder.Next() is { IsEmpty: false } piece; at += piece.Length)
                    Copy(piece, body, at);
            }
            else
            {
                for (long at = 0; at < length;)
                {
                    Memory<byte> piece = sent.Piece(at, length - at);
                    Copy(piece, body, at);
                    at += piece.Length;
                }
            }

            return body;
        }
    }

    private static void Copy(ReadOnlyMemory<byte> piece, Body body, long at)
    {
        while (!piece.IsEmpty)
        {
            Memory<byte> room = body.Piece(at, piece.Length);
            piece[..room.Length].CopyTo(room);
            at += room.Length;
            piece = piece[room.Length..];
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

        public void Dispose()
        {
            owner._free = this;
            owner.Leases--;
        }
    }
}
