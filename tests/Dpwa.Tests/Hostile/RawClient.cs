using System.Net;
using System.Net.Sockets;
using Dpwa.Protocol;
using Dpwa.Security;
using Dpwa.Tests.Security;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Hostile;

/// <summary>A client that sends whatever it likes to a node.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;

    private RawClient(Socket socket, Stream stream) => (_socket, _stream) = (socket, stream);

    /// <param name="port">The node's.</param>
    /// <param name="identity">Who it is; null: nobody, and in plain.</param>
    public static async Task<RawClient> Connect(int port, NodeIdentity? identity = null)
    {
        if (identity is not null)
        {
            RawTls tls = await RawTls.Connect(port, identity);
            return new RawClient(tls.Socket, tls.Stream);
        }

        Socket socket = RawTls.NewSocket();
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new RawClient(socket, new NetworkStream(socket));
    }

    public Task Send(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes).AsTask();

    /// <summary>To a node that may have closed the connection already.</summary>
    public async Task TrySend(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await Send(bytes);
        }
        catch (SocketException)
        {
            // It has.
        }
    }

    public Task Send(MessageHeader header, byte[]? body = null) => Send(Frames.Of(header, body));

    /// <summary>Reads one message, whole.</summary>
    public async Task<(MessageHeader Header, byte[] Body)> Receive()
    {
        byte[] bytes = await Exactly(MessageHeader.Size);
        Assert.Equal(HeaderFault.None, MessageHeader.TryRead(bytes, out MessageHeader header));
        if (header.BodyLength == 0)
            return (header, []);
        byte[] body = await Exactly((int)header.BodyLength);
        Assert.Equal(System.IO.Hashing.XxHash3.HashToUInt64(body), BitConverter.ToUInt64(await Exactly(MessageHeader.TrailerSize)));
        return (header, body);
    }

    /// <summary>Reads until the node closes or resets the connection.</summary>
    public async Task UntilClosed()
    {
        byte[] rest = new byte[64 * 1024];
        try
        {
            while (await _stream.ReadAsync(rest) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset is an end too.
        }
    }

    /// <summary>Sends this again and again and reads nothing, until the node has had enough.</summary>
    public async Task Flood(byte[] bytes)
    {
        try
        {
            while (true)
                await Send(bytes);
        }
        catch (IOException)
        {
            // It has.
        }
    }

    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private async Task<byte[]> Exactly(int count)
    {
        byte[] bytes = new byte[count];
        Assert.True(await _stream.ReadAtLeastAsync(bytes, count, throwOnEndOfStream: false) == count, "the node closed the connection");
        return bytes;
    }
}
