using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Dpwa.Exchange;
using Dpwa.Protocol;

namespace Dpwa.Transport.Sockets;

/// <summary>
/// A socket, used only by calls that hold their thread: its connection has one of its own. The runtime's asynchronous sockets wake two more threads for each
/// segment that arrives; on the few cores that a worker has, these switches cost more than the copying (measured for a body of 10 MB: 340 switches against 35).
/// </summary>
internal abstract class SocketConnection : FramedConnection
{
    /// <summary>The first byte of a TLS connection, as RFC 8446 (5.1) has it: a handshake record.</summary>
    protected const byte TlsHandshake = 22;

    /// <summary>The first byte of a connection of this protocol in plain.</summary>
    protected const byte Plain = (byte)'D';

    // Of Linux's tcp_info: in it, how many bytes the other side has acknowledged.
    private const int TcpProtocol = 6;
    private const int TcpInfo = 11;
    private const int BytesAcknowledged = 120;

    /// <summary>How long the other side has to read a refusal and to hang up.</summary>
    private const int LingerMilliseconds = 1000;

    /// <summary>How much it may be sending meanwhile: the rest of a handshake, and a request. Who sends more does not want to know.</summary>
    private const int LingerBytes = 64 * 1024;

    protected SocketConnection(Socket socket, string remote)
    {
        Socket = socket;
        Remote = remote;
        IsSameHost = socket.RemoteEndPoint is IPEndPoint there && socket.LocalEndPoint is IPEndPoint here && (IPAddress.IsLoopback(there.Address) || there.Address.Equals(here.Address));

        // Messages are small or large, never a stream of dribbles: waiting to coalesce them only adds latency.
        socket.NoDelay = true;
    }

    public override string Remote { get; }

    public override bool IsSameHost { get; }

    /// <summary>
    /// Where the system tells, what has arrived; else what the system has taken. It takes megabytes before they move, and when it is full nothing more before a third of them has moved: on a slow link that is
    /// many time-outs in which it would seem that nothing does. Encrypted, it is a little more than what was to be sent.
    /// </summary>
    public override long Sent => base.Sent == 0 ? 0 : Acknowledged() ?? base.Sent;

    protected Socket Socket { get; }

    /// <summary>The beginning of a handshake has more than a header, too.</summary>
    public override ValueTask<bool> FirstBytesAsync() => Doorman.WaitAsync(Socket, MessageHeader.Size);

    public override void FinishSending()
    {
        try
        {
            // Closing with a receive pending would reset the connection, and what is still on its way would be lost.
            Socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    protected override void Dispose(bool disposing) => Socket.Dispose();

    /// <summary>The first byte that the other side sends, which stays to be received; null when it ends first.</summary>
    protected byte? PeekFirst()
    {
        Span<byte> first = stackalloc byte[1];
        try
        {
            return Socket.Receive(first, SocketFlags.Peek) == 0 ? null : first[0];
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Ended(e);
        }
    }

    /// <summary>Tells the other side why it is not let in, and waits a moment until it has hung up, since closing while it still sends would destroy what it is told. Nothing of it is interpreted.</summary>
    /// <param name="fault">Why.</param>
    /// <param name="self">The id of who refuses; 0 when it has none to prove.</param>
    /// <param name="send">Sends all of some bytes.</param>
    protected void Refuse(IdentityFault fault, ulong self, Action<byte[]> send)
    {
        byte[] frame = new byte[MessageHeader.Size];
        new MessageHeader { Type = MessageType.Refusal, Reason = RefusalReason.NotAuthenticated, Flags = (uint)fault, Sender = self }.Write(frame);
        try
        {
            send(frame);
            FinishSending();
            Socket.ReceiveTimeout = LingerMilliseconds;
            for (int left = LingerBytes, count; left > 0 && (count = Socket.Receive(frame)) > 0; left -= count)
            {
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // It does not want to know.
        }
    }

    private long? Acknowledged()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            Span<byte> info = stackalloc byte[BytesAcknowledged + sizeof(long)];
            return Socket.GetRawSocketOption(TcpProtocol, TcpInfo, info) == info.Length ? MemoryMarshal.Read<long>(info[BytesAcknowledged..]) : null;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }

    protected TransportException Ended(Exception e) => new(new(FailureKind.Closed, $"the connection to {Remote} ended: {e.Message}"), e);
}
