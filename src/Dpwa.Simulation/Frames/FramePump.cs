using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Simulation.Faults;
using Dpwa.Simulation.Network;
using Dpwa.Snapshots;
using Dpwa.Transport;

namespace Dpwa.Simulation.Frames;

/// <summary>
/// Moves the messages of one end of a connection, as the production pump does: a loop that receives, and one that sends for as long as there is something to send. Both run within the events
/// of the simulation, in its one thread. What goes wrong is put in here, between the encoder of one end and the decoder of the other, which are the production ones.
/// </summary>
internal sealed class FramePump : IMessageReceiver, IDisposable
{
    private readonly VirtualCluster _cluster;
    private readonly FrameConnection _connection;
    private readonly Queue<(Message Message, FrameFate Fate)> _outbox = new();
    private FrameFate _fate;
    private long _at;
    private List<byte>? _copy;
    private bool _isSending;
    private bool _closesWhenSent;
    private bool _hasEnded;

    public FramePump(VirtualCluster cluster, VirtualNode node, long id, VirtualEnd end, string remote)
    {
        (_cluster, Node, Id, Outgoing) = (cluster, node, id, end.Outgoing);
        _connection = new FrameConnection(remote, SendPiece);
    }

    /// <summary>Whose end it is.</summary>
    public VirtualNode Node { get; }

    /// <summary>How its node calls the connection.</summary>
    public long Id { get; }

    /// <summary>What leaves here.</summary>
    public VirtualStream Outgoing { get; }

    /// <summary>The other end.</summary>
    public FramePump Other { get; private set; } = null!;

    /// <summary>Whether nothing of what leaves here arrives, not even the end.</summary>
    public bool IsSilent { get; private set; }

    public long Received => _connection.Received;

    public long Sent => _connection.Sent;

    /// <summary>Receives from now on.</summary>
    public void Start(FramePump other)
    {
        Other = other;
        _ = ReceiveAsync();
    }

    public void Enqueue(in Message message)
    {
        if (_hasEnded || _closesWhenSent)
        {
            message.Release();
            return;
        }

        _outbox.Enqueue((message, _cluster.FateOf(this, message.Header)));
        if (!_isSending)
            _ = SendAsync();
    }

    /// <summary>The node has done with the connection. Nothing of it is told to the node any more.</summary>
    public void Close(bool flush)
    {
        _closesWhenSent = true;
        if (!(flush && _isSending))
            End();
    }

    /// <summary>The connection is reset: both ends are told.</summary>
    public void Dispose() => _connection.Dispose();

    /// <summary>The process of this end is gone, and what it held with it; or its whole machine, and then nobody tells the other end.</summary>
    public void Die(bool silently)
    {
        IsSilent |= silently;
        End();
    }

    public void Arrive(byte[] piece) => _connection.Arrive(piece);

    public void ArriveEnd() => _connection.ArriveEnd();

    /// <summary>A piece has arrived, or would have.</summary>
    public void PieceArrived(int count)
    {
        if (_fate.CutAt == _at)
            Dispose();
        else
            _connection.SentPiece(count);
    }

    public void Partial() => _cluster.Partial(this);

    public IncomingPayload? Admit(in MessageHeader header, out Failure failure) => _cluster.Admit(this, header, out failure);

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                Message message = await _connection.ReceiveAsync(this).ConfigureAwait(false);
                if (_closesWhenSent)
                    message.Release();
                else
                    _cluster.Received(this, message);
            }
        }
        catch (TransportException e)
        {
            bool isNews = !_hasEnded && !_closesWhenSent;
            End();
            if (isNews)
                _cluster.Closed(this, e.Failure);
        }
        catch (Exception e)
        {
            _cluster.Broke(e);
        }
    }

    private async Task SendAsync()
    {
        _isSending = true;
        try
        {
            while (_outbox.TryDequeue(out (Message Message, FrameFate Fate) next))
            {
                (Message message, _fate) = next;
                _at = 0;
                IsSilent |= _fate.IsSilent;
                _copy = _fate.IsDoubled ? [] : null;
                if (_fate.IsLost)
                    message.Release();
                else
                    await _connection.SendAsync(message).ConfigureAwait(false);

                // What comes again, or does not come, takes its time too.
                if (_fate.IsLost || _fate.IsDoubled)
                {
                    byte[] again = [.. _copy ?? []];
                    (_fate, _at, _copy) = (default, 0, null);
                    await _connection.RepeatAsync(again).ConfigureAwait(false);
                }

                if (!_closesWhenSent)
                    _cluster.Sent(this);
            }

            _isSending = false;
            if (_closesWhenSent)
                End();
        }
        catch (TransportException)
        {
            // The receiving loop ends too, and reports it.
        }
        catch (Exception e)
        {
            _cluster.Broke(e);
        }
    }

    /// <summary>Sends some of what the encoder has, and has it wait until that has arrived.</summary>
    private void SendPiece(ReadOnlyMemory<byte> bytes)
    {
        int count = _fate.PieceBytes > 0 ? Math.Min(bytes.Length, _fate.PieceBytes) : bytes.Length;
        if (_fate.CutAt is { } cut)
            count = (int)Math.Min(count, cut - _at);
        byte[] piece = bytes.Span[..count].ToArray();
        if (_fate.FlippedBit is { } bit && bit / 8 >= _at && bit / 8 < _at + count)
            piece[bit / 8 - _at] ^= (byte)(1 << (int)(bit % 8));
        _cluster.Carry(this, piece, count, _at == 0 ? _fate.Delay : _fate.PieceDelay);
        _at += count;
        _copy?.AddRange(piece);
    }

    private void End()
    {
        if (_hasEnded)
            return;
        _hasEnded = true;
        while (_outbox.TryDequeue(out (Message Message, FrameFate Fate) unsent))
            unsent.Message.Release();
        _connection.Dispose();
        if (!IsSilent)
            _cluster.CarryEnd(this);
    }
}
