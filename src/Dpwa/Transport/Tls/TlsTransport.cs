using Dpwa.Security;
using Dpwa.Transport.Sockets;

namespace Dpwa.Transport.Tls;

/// <summary>
/// Frames over TLS 1.3 between two sides that both prove who they are. Only what the cluster's authority has signed is let in; who was to be reached must have that name in its
/// certificate; and no message is taken that is not in the name of its sender's.
/// </summary>
/// <param name="identity">Who this side is.</param>
/// <param name="time">By which clock certificates are valid; null: the system's.</param>
public sealed class TlsTransport(NodeIdentity identity, TimeProvider? time = null) : ITransport
{
    private readonly NodeIdentity _identity = identity ?? throw new ArgumentNullException(nameof(identity));
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <inheritdoc/>
    public bool HoldsThreads => true;

    /// <inheritdoc/>
    public string Identity => _identity.Name;

    /// <inheritdoc/>
    public IListener Listen(DpwaNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return SocketListener.Listen(node, socket => new TlsConnection(socket, $"{socket.RemoteEndPoint}", _identity, _time));
    }

    /// <inheritdoc/>
    public ValueTask<IConnection> ConnectAsync(DpwaNode node, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(node);
        var connection = new TlsConnection(SocketConnector.Connect(node, cancellationToken), node.ToString(), _identity, _time);
        try
        {
            using CancellationTokenRegistration giveUp = cancellationToken.Register(connection.Dispose);
            connection.Authenticate(node.Name);
            return new(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
