using System.Net;
using System.Net.Sockets;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Security;

/// <summary>Somebody on the way: passes on what two nodes say to each other, keeps a copy, and may change it.</summary>
internal sealed class Tap : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _gate = new();
    private readonly MemoryStream _seen = new();
    private readonly int _to;
    private readonly int? _flipped;
    private readonly Task _accepting;

    /// <param name="to">The port of who is listened to.</param>
    /// <param name="flipped">Which byte of the answers is changed.</param>
    public Tap(int to, int? flipped = null)
    {
        (_to, _flipped) = (to, flipped);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>All that went over the wire so far.</summary>
    public byte[] Seen
    {
        get
        {
            lock (_gate)
                return _seen.ToArray();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        await _accepting;
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        var ways = new List<Task>();
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync(_ended.Token);
                Socket server = RawTls.NewSocket();
                await server.ConnectAsync(IPAddress.Loopback, _to);
                ways.Add(PassAsync(client, server, flipped: null));
                ways.Add(PassAsync(server, client, _flipped));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }

        await Task.WhenAll(ways);
    }

    private async Task PassAsync(Socket from, Socket to, int? flipped)
    {
        using (from)
        {
            try
            {
                byte[] bytes = new byte[16 * 1024];
                for (int at = 0, count; (count = await from.ReceiveAsync(bytes, _ended.Token)) > 0; at += count)
                {
                    if (flipped is { } place && place >= at && place < at + count)
                        bytes[place - at] ^= 1;
                    lock (_gate)
                        _seen.Write(bytes, 0, count);
                    for (ReadOnlyMemory<byte> rest = bytes.AsMemory(0, count); !rest.IsEmpty;)
                        rest = rest[await to.SendAsync(rest, _ended.Token)..];
                }

                to.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                to.Dispose();
            }
        }
    }
}
