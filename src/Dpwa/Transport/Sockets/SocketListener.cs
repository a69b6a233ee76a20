using System.Net;
using System.Net.Sockets;

namespace Dpwa.Transport.Sockets;

/// <summary>Listens at a node's address and makes a connection of each socket that is accepted. It says nothing to who connects, and waits for nothing from it.</summary>
internal sealed class SocketListener : IListener
{
    /// <summary>As many as Linux allows where nobody has changed it. When it is full, who connects tries again a second later.</summary>
    private const int Backlog = 4096;
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromMilliseconds(50);

    private readonly Socket _socket;
    private readonly Func<Socket, IConnection> _accepted;
    private volatile bool _isDisposed;

    private SocketListener(Socket socket, Func<Socket, IConnection> accepted)
    {
        (_socket, _accepted) = (socket, accepted);
        EndPoint = socket.LocalEndPoint!;
    }

    public EndPoint EndPoint { get; }

    /// <exception cref="DpwaBindException">The address is taken or is not one of this machine.</exception>
    public static SocketListener Listen(DpwaNode node, Func<Socket, IConnection> accepted)
    {
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
            return new SocketListener(socket, accepted);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw new DpwaBindException(Explain(node, host, address, e.SocketErrorCode), e);
        }
    }

    public async ValueTask<IConnection?> AcceptAsync()
    {
        while (!_isDisposed)
        {
            Socket? client = null;
            try
            {
                client = await _socket.AcceptAsync().ConfigureAwait(false);
                return _accepted(client);
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
        _socket.Dispose();
    }

    private static IPAddress Resolve(DpwaNode node, string host)
    {
        if (IPAddress.TryParse(host, out IPAddress? literal))
            return literal;
        try
        {
            return SocketConnector.InOrder(Dns.GetHostAddresses(host))[0];
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
}
