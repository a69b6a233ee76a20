using System.Net;
using System.Net.Sockets;
using Dpwa.Exchange;

namespace Dpwa.Transport.Tcp;

/// <summary>Frames over TCP, IPv4 and IPv6.</summary>
public sealed class TcpTransport : ITransport
{
    /// <summary>As many as Linux allows where nobody has changed it. When it is full, who connects tries again a second later.</summary>
    private const int Backlog = 4096;
    private static readonly TimeSpan OneOfSeveral = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public bool HoldsThreads => true;

    /// <inheritdoc/>
    public IListener Listen(DpwaNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        string host = node.Listen ?? node.Host;
        IPAddress address = Resolve(node, host);
        Socket? socket = null;
        try
        {
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);

            // "::" means every address, IPv4's too.
            if (address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(new IPEndPoint(address, node.Port));
            socket.Listen(Backlog);
            return new TcpListener(socket);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw new DpwaBindException(Explain(node, host, address, e.SocketErrorCode), e);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IConnection> ConnectAsync(DpwaNode node, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(node);
        try
        {
            IPAddress[] addresses = IPAddress.TryParse(node.Host, out IPAddress? literal) ? [literal] : InOrder(LookUp(node.Host, cancellationToken));
            foreach (IPAddress address in addresses[..^1])
            {
                if (TryConnect(node, address, cancellationToken) is { } connection)
                    return new(connection);
            }

            return new(Connect(node, addresses[^1], cancellationToken));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            string why = e is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? "nothing listens there" : e.Message;
            throw new TransportException(new(FailureKind.Unreachable, $"{node} cannot be reached: {why}"), e);
        }
    }

    /// <summary>On this thread, which is the connection's own. Waited for from outside, because on Unix a lookup that has begun cannot be cancelled.</summary>
    private static IPAddress[] LookUp(string host, CancellationToken cancellationToken) =>
        Dns.GetHostAddressesAsync(host, cancellationToken).WaitAsync(cancellationToken).GetAwaiter().GetResult();

    /// <summary>One of several addresses: given up soon, for the next may be the right one.</summary>
    private static TcpConnection? TryConnect(DpwaNode node, IPAddress address, CancellationToken cancellationToken)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        soon.CancelAfter(OneOfSeveral);
        try
        {
            return Connect(node, address, soon.Token);
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private static TcpConnection Connect(DpwaNode node, IPAddress address, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            using CancellationTokenRegistration giveUp = cancellationToken.Register(socket.Dispose);
            socket.Connect(new IPEndPoint(address, node.Port));
            return new TcpConnection(socket, node.ToString());
        }
        catch (Exception e)
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            if (e is ObjectDisposedException)
                throw new OperationCanceledException(cancellationToken);
            throw;
        }
    }

    /// <summary>IPv4 first, for who listens and who connects: it is what a name such as localhost means to most programs.</summary>
    private static IPAddress[] InOrder(IPAddress[] addresses) => addresses.Length > 0
        ? [.. addresses.OrderBy(a => a.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)]
        : throw new SocketException((int)SocketError.HostNotFound);

    private static IPAddress Resolve(DpwaNode node, string host)
    {
        if (IPAddress.TryParse(host, out IPAddress? literal))
            return literal;
        try
        {
            return InOrder(Dns.GetHostAddresses(host))[0];
        }
        catch (SocketException e)
        {
            throw new DpwaBindException($"{Place(node)}node '{node.Name}': the host '{host}' cannot be resolved: {e.Message}; give an address, or 'listen: 0.0.0.0'", e);
        }
    }

    private static string Explain(DpwaNode node, string host, IPAddress address, SocketError error) => Place(node) + error switch
    {
        SocketError.AddressAlreadyInUse =>
            $"node '{node.Name}': port {node.Port} of {host} is in use; is another worker of this name running, or another program? Stop it or choose another port",
        SocketError.AddressNotAvailable =>
            $"node '{node.Name}': {host} ({address}) is not an address of this machine; add 'listen: 0.0.0.0' to the node if others reach it there",
        SocketError.AccessDenied => $"node '{node.Name}': port {node.Port} may not be bound by this user; choose one above 1023",
        _ => $"node '{node.Name}': cannot listen on {host}:{node.Port}: {error}",
    };

    private static string Place(DpwaNode node) => node.Source is null ? "" : $"{node.Source}: ";

    private sealed class TcpListener(Socket socket) : IListener
    {
        private static readonly TimeSpan AfterTrouble = TimeSpan.FromMilliseconds(50);

        private volatile bool _isDisposed;

        public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

        public async ValueTask<IConnection?> AcceptAsync()
        {
            while (!_isDisposed)
            {
                Socket? client = null;
                try
                {
                    client = await socket.AcceptAsync().ConfigureAwait(false);
                    return new TcpConnection(client, $"{client.RemoteEndPoint}");
                }
                catch (Exception e) when (e is SocketException or ObjectDisposedException)
                {
                    // That client has gone already, or the process is out of descriptors for the moment; or this listener was disposed.
                    client?.Dispose();
                    if (!_isDisposed)
                        await Task.Delay(AfterTrouble).ConfigureAwait(false);
                }
            }

            return null;
        }

        public void Dispose()
        {
            _isDisposed = true;
            socket.Dispose();
        }
    }
}
