using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Exchange;

/// <summary>
/// The snapshot that this node keeps for one peer that joins late, and takes it piece by piece: so that all pieces are of one moment, however long they take, and a
/// transfer that was cut goes on where it was. One peer at a time; others are told that this node is busy, and find another donor.
/// </summary>
internal sealed class Donation
{
    /// <summary>Bytes of every piece but the last: what is lost when a connection is cut. Segments of a payload are a multiple of it, tensors' elements divide it.</summary>
    public const int PieceBytes = 8 << 20;

    private Snapshot? _snapshot;
    private ulong _taker;
    private ulong _request;

    /// <summary>When a taker that asks for nothing more is given up.</summary>
    public TimeSpan? Deadline { get; private set; }

    /// <summary>How many pieces a snapshot has.</summary>
    public static long Pieces(long length) => (length + PieceBytes - 1) / PieceBytes;

    /// <summary>How long a piece is.</summary>
    public static int Length(long index, long length) => (int)Math.Min(PieceBytes, length - index * PieceBytes);

    /// <summary>Whether another peer is served.</summary>
    public bool IsFor(ulong other) => _snapshot is not null && _taker != other;

    /// <summary>Keeps this one for a peer, instead of one that it had begun to take before.</summary>
    public Snapshot Begin(Snapshot snapshot, ulong taker)
    {
        End();
        (_snapshot, _taker) = (snapshot.Lease(), taker);
        return snapshot;
    }

    /// <summary>What is kept for this peer under this number; null when it is not.</summary>
    public Snapshot? Of(ulong taker, ulong sequence) => _taker == taker && _snapshot?.Sequence == sequence ? _snapshot : null;

    /// <summary>A piece goes out in answer to this request; the next is waited for until then.</summary>
    public void Serves(ulong request, TimeSpan deadline) => (_request, Deadline) = (request, deadline);

    /// <summary>The peer has what it asked for in this request, and needs no more.</summary>
    public void End(ulong taker, ulong request)
    {
        if (_taker == taker && _request == request)
            End();
    }

    public void End()
    {
        _snapshot?.Dispose();
        (_snapshot, _taker, _request, Deadline) = (null, 0, 0, null);
    }

    /// <summary>One piece of a snapshot, under a lease of its own.</summary>
    public static IPayload Piece(Snapshot snapshot, long index) => new SnapshotPiece(snapshot.Lease(), index * PieceBytes, Length(index, snapshot.Length));

    private sealed class SnapshotPiece(Snapshot snapshot, long offset, int length) : IPayload
    {
        public long Length => length;

        public Memory<byte> Segment(int index) => snapshot.Piece(offset, length);

        public void Dispose() => snapshot.Dispose();
    }
}
