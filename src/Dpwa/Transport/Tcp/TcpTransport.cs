using Dpwa.Transport.Sockets;

namespace Dpwa.Transport.Tcp;

/// <summary>Frames over TCP, IPv4 and IPv6, in plain.</summary>
public sealed class TcpTransport : ITransport
{
    /// <inheritdoc/>
    public bool HoldsThreads => true;

    /// <inheritdoc/>
    public IListener Listen(DpwaNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return SocketListener.Listen(node, socket => new TcpConnection(socket, $"{socket.RemoteEndPoint}"));
    }

    /// <inheritdoc/>
    public ValueTask<IConnection> ConnectAsync(DpwaNode node, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(node);
        return new(new TcpConnection(SocketConnector.Connect(node, cancellationToken), node.ToString()));
    }
}
