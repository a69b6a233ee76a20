using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using Dpwa.Exchange;

namespace Dpwa.Transport.InMemory;

/// <summary>
/// Nodes in one process, without a network: for tests, and for several models in one program. The frames are the real ones. Nodes that share an
/// instance reach each other by host and port, as they would over TCP.
/// </summary>
public sealed class InMemoryTransport : ITransport
{
    private readonly ConcurrentDictionary<(string Host, int Port), Listener> _listeners = new();
    private int _lastFreePort = 60_000;

    /// <inheritdoc/>
    public IListener Listen(DpwaNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        int port = node.Port != 0 ? node.Port : Interlocked.Increment(ref _lastFreePort);
        var listener = new Listener(this, (node.Host, port));
        if (!_listeners.TryAdd(listener.Address, listener))
            throw new DpwaBindException($"node '{node.Name}': {node.Host}:{port} is in use");
        return listener;
    }

    /// <inheritdoc/>
    public ValueTask<IConnection> ConnectAsync(DpwaNode node, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (_listeners.TryGetValue((node.Host, node.Port), out Listener? listener))
        {
            Channel<byte[]> there = PipeConnection.NewQueue(), back = PipeConnection.NewQueue();
            if (listener.Offer(new PipeConnection("a client", there, back)))
                return new(new PipeConnection(node.ToString(), back, there));
        }

        throw new TransportException(new(FailureKind.Unreachable, $"{node} cannot be reached: nothing listens there"));
    }

    private sealed class Listener(InMemoryTransport transport, (string Host, int Port) address) : IListener
    {
        private readonly Channel<IConnection> _offered = Channel.CreateUnbounded<IConnection>();

        public (string Host, int Port) Address => address;

        public EndPoint EndPoint { get; } = new DnsEndPoint(address.Host, address.Port);

        public bool Offer(IConnection connection) => _offered.Writer.TryWrite(connection);

        public async ValueTask<IConnection?> AcceptAsync() =>
            await _offered.Reader.WaitToReadAsync().ConfigureAwait(false) && _offered.Reader.TryRead(out IConnection? connection) ? connection : null;

        public void Dispose()
        {
            transport._listeners.TryRemove(new(address, this));
            _offered.Writer.TryComplete();
            while (_offered.Reader.TryRead(out IConnection? left))
                left.Dispose();
        }
    }
}
