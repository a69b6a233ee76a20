using System.Net;
using System.Net.Sockets;
using Dpwa.Exchange;

namespace Dpwa.Transport.Tcp;

/// <summary>Frames over TCP, IPv4 and IPv6.</summary>
public sealed class TcpTransport : ITransport
{
    private const int Backlog = 512;
    private static readonly TimeSpan AfterFailedAccept = TimeSpan.FromMilliseconds(10);

    /// <inheritdoc/>
    public IListener Listen(DpwaNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        string host = node.Listen ?? node.Host;
        IPAddress address = Resolve(node, host);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // "::" means every address, IPv4's too.
            if (address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(new IPEndPoint(address, node.Port));
            socket.Listen(Backlog);
            return new TcpListener(socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new DpwaBindException(Explain(node, host, address, e.SocketErrorCode), e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IConnection> ConnectAsync(DpwaNode node, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(node);
        try
        {
            IPAddress[] addresses = IPAddress.TryParse(node.Host, out IPAddress? literal)
                ? [literal]
                : await Dns.GetHostAddressesAsync(node.Host, cancellationToken).ConfigureAwait(false);
            for (int i = 0; ; i++)
            {
                var socket = new Socket(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    await socket.ConnectAsync(new IPEndPoint(addresses[i], node.Port), cancellationToken).ConfigureAwait(false);
                    return new TcpConnection(socket, node.ToString());
                }
                catch (SocketException) when (i + 1 < addresses.Length)
                {
                    socket.Dispose();
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or IndexOutOfRangeException)
        {
            string why = e is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? "nothing listens there" : e.Message;
            throw new TransportException(new(FailureKind.Unreachable, $"{node} cannot be reached: {why}"), e);
        }
    }

    private static IPAddress Resolve(DpwaNode node, string host)
    {
        if (IPAddress.TryParse(host, out IPAddress? literal))
            return literal;
        try
        {
            // IPv4 first: it is what a name such as localhost means to most programs.
            return Dns.GetHostAddresses(host).OrderBy(a => a.AddressFamily == AddressFamily.InterNetwork ? 0 : 1).First();
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
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
        public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

        public async ValueTask<IConnection?> AcceptAsync()
        {
            while (true)
            {
                try
                {
                    Socket client = await socket.AcceptAsync().ConfigureAwait(false);
                    return new TcpConnection(client, $"{client.RemoteEndPoint}");
                }
                catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.Interrupted or SocketError.InvalidArgument })
                {
                    return null;
                }
                catch (SocketException)
                {
                    // That client gave up before it was accepted, or the process is out of descriptors for the moment, which must not keep a core busy.
                    await Task.Delay(AfterFailedAccept).ConfigureAwait(false);
                }
            }
        }

        public void Dispose() => socket.Dispose();
    }
}
