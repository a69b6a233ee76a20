using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Dpwa.Exchange;
using Dpwa.Protocol;

namespace Dpwa.Transport.Tcp;

/// <summary>
/// A socket, used only by calls that hold their thread: its connection has one of its own. The runtime's asynchronous sockets wake two more threads for each
/// segment that arrives; on the few cores that a worker has, these switches cost more than the copying (measured for a body of 10 MB: 340 switches against 35).
/// </summary>
internal sealed class TcpConnection : FramedConnection
{
    // Of Linux's tcp_info: in it, how many bytes the other side has acknowledged.
    private const int TcpProtocol = 6;
    private const int TcpInfo = 11;
    private const int BytesAcknowledged = 120;

    private readonly Socket _socket;

    public TcpConnection(Socket socket, string remote)
    {
        _socket = socket;
        Remote = remote;
        IsSameHost = socket.RemoteEndPoint is IPEndPoint there && socket.LocalEndPoint is IPEndPoint here && (IPAddress.IsLoopback(there.Address) || there.Address.Equals(here.Address));

        // Messages are small or large, never a stream of dribbles: waiting to coalesce them only adds latency.
        socket.NoDelay = true;
    }

    public override string Remote { get; }

    public override bool IsSameHost { get; }

    /// <summary>
    /// Where the system tells, what has arrived; else what the system has taken. It takes megabytes before they move, and when it is full nothing more before a third of them has moved: on a slow link that is
    /// many time-outs in which it would seem that nothing does.
    /// </summary>
    public override long Sent => base.Sent == 0 ? 0 : Acknowledged() ?? base.Sent;

    public override ValueTask<bool> FirstBytesAsync() => Doorman.WaitAsync(_socket, MessageHeader.Size);

    public override void FinishSending()
    {
        try
        {
            // Closing with a receive pending would reset the connection, and what is still on its way would be lost.
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    protected override void Dispose(bool disposing) => _socket.Dispose();

    protected override ValueTask<int> SendSomeAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return new(_socket.Send(bytes.Span));
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
            return new(_socket.Receive(bytes.Span));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Ended(e);
        }
    }

    private long? Acknowledged()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            Span<byte> info = stackalloc byte[BytesAcknowledged + sizeof(long)];
            return _socket.GetRawSocketOption(TcpProtocol, TcpInfo, info) == info.Length ? MemoryMarshal.Read<long>(info[BytesAcknowledged..]) : null;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }

    private TransportException Ended(Exception e) => new(new(FailureKind.Closed, $"the connection to {Remote} ended: {e.Message}"), e);
}
