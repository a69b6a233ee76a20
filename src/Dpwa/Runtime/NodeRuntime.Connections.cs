using Dpwa.Averaging;
using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Snapshots;
using Dpwa.Transport.SharedMemory;

namespace Dpwa.Runtime;

/// <content>What connections tell.</content>
internal sealed partial class NodeRuntime
{
    public void Connected(ConnectionPump pump, PendingActions actions) => Tell(
        pump, actions, pump.IsSameHost && Memfd.IsSupported
            ? static (node, now, id) => node.Connected(now, id, isSameHost: true)
            : static (node, now, id) => node.Connected(now, id));

    public void Sent(ConnectionPump pump, PendingActions actions) => Tell(pump, actions, static (node, now, id) => node.Sent(now, id));

    public void Partial(ConnectionPump pump, PendingActions actions) => Tell(pump, actions, static (node, now, id) => node.Partial(now, id));

    public void Received(ConnectionPump pump, in Message message, PendingActions actions)
    {
        lock (_gate)
        {
            _node.Progress(pump.Id, pump.Received, pump.Sent);
            _node.Received(Now, pump.Id, message.Header, message.Body);
            Perform(actions);
        }

        actions.Run(this);
    }

    public IncomingPayload? Admit(ConnectionPump pump, in MessageHeader header, out Failure failure)
    {
        ParameterLayout? layout;
        lock (_gate)
        {
            failure = _node.Admit(Now, pump.Id, header);
            layout = header.Type == MessageType.Snapshot ? _node.Layout : null;
        }

        if (failure.Kind != FailureKind.None)
            return null;
        return layout is null ? ReceiveBuffers.Small((long)header.BodyLength) : _buffers.Rent(layout, header.Codec);
    }

    /// <summary>
    /// What a trainer that waits has asked for is mixed from where it lies. What was offered, or is taken in a swap, may wait for a whole step: it is copied, so that a
    /// straggler does not hold the peer's memory.
    /// </summary>
    public Message Keep(in MessageHeader request, in Message answer)
    {
        if (request.Sequence == 0 || answer.Body is not { } body || answer.Header.Type != MessageType.Snapshot)
            return answer;
        using (body)
        {
            IncomingPayload copy = _buffers.Rent(_node.Layout!);
            copy.CopyFrom(body);
            return new(answer.Header, copy);
        }
    }

    public void Closed(ConnectionPump pump, in Failure failure, PendingActions actions)
    {
        lock (_gate)
        {
            _open.Remove(pump.Id);
            _node.Progress(pump.Id, pump.Received, pump.Sent);
            _node.Closed(Now, pump.Id, failure);
            Perform(actions);
        }

        actions.Run(this);
    }

    public void Ended(ConnectionPump pump)
    {
        lock (_gate)
            _running.Remove(pump);
    }

    private void Tell(ConnectionPump pump, PendingActions actions, Action<GossipNode, TimeSpan, long> what)
    {
        lock (_gate)
        {
            _node.Progress(pump.Id, pump.Received, pump.Sent);
            what(_node, Now, pump.Id);
            Perform(actions);
        }

        actions.Run(this);
    }

    private async Task AcceptAsync()
    {
        var actions = new PendingActions();
        while (await _listener.AcceptAsync().ConfigureAwait(false) is { } connection)
        {
            ConnectionPump? pump;
            lock (_gate)
            {
                pump = !_isClosed && _node.Accepted(Now) is not 0 and var id ? NewPump(id) : null;
                Perform(actions);
            }

            if (pump is null)
                connection.Dispose();
            else
                pump.Start(_transport, connection);
            actions.Run(this);
        }
    }

    private ConnectionPump NewPump(long id)
    {
        var pump = new ConnectionPump(this, id);
        _open.Add(id, pump);
        _running.Add(pump);
        return pump;
    }

    private ConnectionPump[] Running()
    {
        lock (_gate)
            return [.. _running];
    }
}
