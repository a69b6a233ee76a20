using System.Net;
using System.Net.Sockets;
using Dpwa.Protocol;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Hostile;

/// <summary>A peer that listens on a real socket and does to each connection what its script says. Its address is given to the node under test.</summary>
internal sealed class HostilePeer : IAsyncDisposable
{
    public const string Name = "evil";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly Func<Visit, Task> _script;
    private readonly List<Task> _visits = [];
    private readonly Task _accepting;
    private int _connections;

    public HostilePeer(Func<Visit, Task> script)
    {
        _script = script;
        _listener.Start();
        Node = new DpwaNode(Name, "127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>The address that the node under test is given.</summary>
    public DpwaNode Node { get; }

    /// <summary>How often somebody connected.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_visits);
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync(_ended.Token);
                Interlocked.Increment(ref _connections);
                _visits.Add(Task.Run(() => VisitAsync(client)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task VisitAsync(Socket client)
    {
        using (client)
        {
            try
            {
                await _script(new Visit(client, _ended.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
            {
                // The node has had enough, or the test is over.
            }
        }
    }
}

/// <summary>One connection to a <see cref="HostilePeer"/>. When the script returns it is closed.</summary>
internal sealed class Visit(Socket socket, CancellationToken ended)
{
    /// <summary>Completes when the test is over.</summary>
    public CancellationToken Ended => ended;

    /// <summary>Reads one request, whole.</summary>
    public async Task<MessageHeader> Request()
    {
        byte[] bytes = new byte[MessageHeader.Size];
        for (int have = 0; have < bytes.Length;)
        {
            int count = await socket.ReceiveAsync(bytes.AsMemory(have), ended);
            if (count == 0)
                throw new IOException("the node closed the connection");
            have += count;
        }

        Assert.Equal(HeaderFault.None, MessageHeader.TryRead(bytes, out MessageHeader header));
        return header;
    }

    /// <summary>Waits until something has come, and leaves it unread.</summary>
    public async Task Data() => await socket.ReceiveAsync(Memory<byte>.Empty, ended);

    public async Task Send(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await socket.SendAsync(bytes, ended)..];
    }

    /// <summary>Answers a fetch with a snapshot.</summary>
    public Task Send(MessageHeader header, byte[]? body = null) => Send(Frames.Of(header, body));

    /// <summary>Stays, does nothing, for as long as the test runs.</summary>
    public Task Stall() => Task.Delay(Timeout.Infinite, ended);

    /// <summary>Stays and reads nothing until the node closes.</summary>
    public async Task UntilClosed()
    {
        byte[] rest = new byte[4096];
        while (await socket.ReceiveAsync(rest, ended) > 0)
        {
        }
    }

    /// <summary>Closes with a reset instead of an end.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }
}
