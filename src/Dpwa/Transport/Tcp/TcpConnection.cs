using System.Net.Sockets;
using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Transport.Sockets;

namespace Dpwa.Transport.Tcp;

/// <summary>A connection in plain.</summary>
internal sealed class TcpConnection(Socket socket, string remote) : SocketConnection(socket, remote)
{
    /// <summary>A client that encrypts is told that this node does not; without, neither side would know what is wrong.</summary>
    public override ValueTask OpenAsync()
    {
        if (PeekFirst() != TlsHandshake)
            return default;
        Refuse(IdentityFault.Encrypted, self: 0, bytes => Socket.Send(bytes));
        throw new TransportException(IdentityFailures.Found(Remote, IdentityFault.Encrypted));
    }

    protected override ValueTask<int> SendSomeAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return new(Socket.Send(bytes.Span));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Ended(e);
        }
    }

    protected override ValueTask<int> ReceiveAsync(Memory<byte> bytes)
    {
        try
        {
            return new(Socket.Receive(bytes.Span));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Ended(e);
        }
    }
}
