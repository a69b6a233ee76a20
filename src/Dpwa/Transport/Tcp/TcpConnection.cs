using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Dpwa.Exchange;

namespace Dpwa.Transport.Tcp;

internal sealed class TcpConnection : FramedConnection
{
    private readonly Socket _socket;

    public TcpConnection(Socket socket, string remote)
    {
        _socket = socket;
        Remote = remote;

        // Messages are small or large, never a stream of dribbles: waiting to coalesce them only adds latency.
        socket.NoDelay = true;
    }

    public override string Remote { get; }

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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    protected override async ValueTask<int> SendSomeAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return await _socket.SendAsync(bytes).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Ended(e);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    protected override async ValueTask<int> ReceiveAsync(Memory<byte> bytes)
    {
        try
        {
            return await _socket.ReceiveAsync(bytes).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Ended(e);
        }
    }

    private TransportException Ended(Exception e) => new(new(FailureKind.Closed, $"the connection to {Remote} ended: {e.Message}"), e);
}
