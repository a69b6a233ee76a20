using System.Runtime.Versioning;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Transport.SharedMemory;

/// <summary>
/// A peer's snapshots, read in place. <see cref="Fetch"/> answers a request on the spot: it takes no message, and none of the peer's time. The lease that comes
/// with the answer must be given back before the connection to the peer is closed, since the end of that tells the peer that its slot is free.
/// </summary>
internal sealed class SharedReader : IPayload
{
    /// <summary>Another publication between two looks is rare; so many in a row are somebody's game.</summary>
    private const int MostAttempts = 100;

    private readonly SharedMapping _mapping;
    private readonly SharedTicket _ticket;
    private readonly MessageHeader _peer;
    private readonly TimeProvider _time;
    private readonly PayloadBuffer[] _snapshots;
    private readonly Lock _gate = new();
    private PayloadBuffer? _leased;
    private ulong _lease;
    private IDisposable? _closing;
    private bool _isClosed;

    private SharedReader(SharedMapping mapping, SharedTicket ticket, MessageHeader peer, TimeProvider time)
    {
        (_mapping, _ticket, _peer, _time) = (mapping, ticket, peer, time);
        _snapshots = [.. Enumerable.Range(0, SharedBoard.Snapshots).Select(mapping.Snapshot)];
        Volatile.Write(ref mapping.Board.Reader(ticket.Slot), SharedBoard.ReaderOf(ticket.Generation, Environment.ProcessId));
    }

    /// <inheritdoc/>
    public long Length => _snapshots[0].Length;

    /// <summary>Opens what a peer's answer leads to.</summary>
    /// <param name="header">The answer: who the peer is.</param>
    /// <param name="body">The ticket.</param>
    /// <param name="layout">My model, and by its fingerprint the peer's.</param>
    /// <param name="time">The clock of ages.</param>
    /// <param name="problem">Why not, when null is given.</param>
    [SupportedOSPlatform("linux")]
    public static SharedReader? TryOpen(in MessageHeader header, ReadOnlySpan<byte> body, ParameterLayout layout, TimeProvider time, out string problem)
    {
        problem = "its answer cannot be read";
        if (!SharedTicket.TryDecode(body, out SharedTicket ticket))
            return null;
        try
        {
            using var file = Memfd.Open(ticket.Process, ticket.Descriptor, SharedMapping.LengthFor(layout, ticket.Slots));
            var mapping = new SharedMapping(file, layout, ticket.Slots);
            if (mapping.Board.Nonce == ticket.Nonce)
                return new SharedReader(mapping, ticket, header, time);
            mapping.Dispose();
            problem = "what is found there is not its memory";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            problem = e.Message;
        }

        return null;
    }

    /// <summary>Answers a request for the parameters: the published snapshot, or the one that the request names, under a lease; or a refusal.</summary>
    public Message Fetch(in MessageHeader request)
    {
        SharedBoard board = _mapping.Board;
        lock (_gate)
        {
            if (_isClosed || _leased is not null)
                return new(Answer(request, MessageType.Refusal) with { Reason = RefusalReason.Busy }, null);
            for (int attempt = 0; attempt < MostAttempts; attempt++)
            {
                ulong published = Volatile.Read(ref board.Published);
                if (request.Sequence != 0 && SharedBoard.SequenceOf(published) != request.Sequence)
                    published = Volatile.Read(ref board.Pinned) is var pinned && SharedBoard.SequenceOf(pinned) == request.Sequence ? pinned : 0;
                if (SharedBoard.IndexOf(published) is < 0 or >= SharedBoard.Snapshots)
                    return new(Answer(request, MessageType.Refusal) with { Reason = RefusalReason.NotReady }, null);
                switch (TryHold(published))
                {
                    case true:
                        return Message.With(Snapshot(request, board.Header(SharedBoard.IndexOf(published))), this);
                    case null:
                        return new(Answer(request, MessageType.Refusal) with { Reason = RefusalReason.Leaving }, null);
                }
            }

            return new(Answer(request, MessageType.Refusal) with { Reason = RefusalReason.Busy }, null);
        }
    }

    /// <summary>Takes the lease of what was seen to be published or pinned. Gives false when it is not any more, so that the publisher may not have seen the lease in
    /// time and may be writing there; null when the slot is not this reader's any more.</summary>
    internal bool? TryHold(ulong published)
    {
        SharedBoard board = _mapping.Board;
        ref ulong slot = ref board.Slot(_ticket.Slot);
        ulong idle = SharedBoard.Idle(_ticket.Generation);
        _lease = SharedBoard.Leased(_ticket.Generation, SharedBoard.IndexOf(published));

        // The exchange is a full barrier: the slot is seen by all before it is looked at again what is published.
        if (Interlocked.CompareExchange(ref slot, _lease, idle) != idle)
            return null;
        if (Volatile.Read(ref board.Published) == published || Volatile.Read(ref board.Pinned) == published)
        {
            _leased = _snapshots[SharedBoard.IndexOf(published)];
            return true;
        }

        Interlocked.CompareExchange(ref slot, idle, _lease);
        return false;
    }

    /// <inheritdoc/>
    public Memory<byte> Segment(int index) => _leased!.Segment(index);

    /// <summary>Ends the lease.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_leased is null)
                return;
            _leased = null;
            Interlocked.CompareExchange(ref _mapping.Board.Slot(_ticket.Slot), SharedBoard.Idle(_ticket.Generation), _lease);
            if (_isClosed)
                Release();
        }
    }

    /// <summary>No more leases; closes the connection now, or when the lease that is out has come back.</summary>
    public void Close(IDisposable connection)
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            _closing = connection;
            if (_leased is null)
                Release();
        }
    }

    private void Release()
    {
        _mapping.Dispose();
        _closing!.Dispose();
    }

    private MessageHeader Answer(in MessageHeader request, MessageType type) =>
        _peer with { Type = type, Codec = PayloadCodec.Native, Receiver = request.Sender, Request = request.Request, BodyLength = 0, Reason = RefusalReason.None };

    private MessageHeader Snapshot(in MessageHeader request, in SharedHeader header) => Answer(request, MessageType.Snapshot) with
    {
        Sequence = header.Sequence,
        Clock = header.Clock,
        Loss = header.Loss,
        Weight = header.Weight,
        Round = header.Round,
        AgeMicroseconds = (ulong)Math.Max(0, _time.GetElapsedTime(header.PublishedAt).TotalMicroseconds),
    };
}
