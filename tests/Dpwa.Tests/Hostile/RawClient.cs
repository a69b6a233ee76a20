using System.Net;
using System.Net.Sockets;
using Dpwa.Protocol;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Hostile;

/// <summary>A client that sends whatever it likes to a node.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    public static async Task<RawClient> Connect(int port)
    {
        var client = new RawClient();
        await client._socket.ConnectAsync(IPAddress.Loopback, port);
        return client;
    }

    public async Task Send(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await _socket.SendAsync(bytes)..];
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
            while (await _socket.ReceiveAsync(rest) > 0)
            {
            }
        }
        catch (SocketException)
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
        catch (SocketException)
        {
            // It has.
        }
    }

    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public void Dispose() => _socket.Dispose();

    private async Task<byte[]> Exactly(int count)
    {
        byte[] bytes = new byte[count];
        for (int have = 0; have < count;)
        {
            int some = await _socket.ReceiveAsync(bytes.AsMemory(have));
            Assert.True(some > 0, "the node closed the connection");
            have += some;
        }

        return bytes;
    }
}
