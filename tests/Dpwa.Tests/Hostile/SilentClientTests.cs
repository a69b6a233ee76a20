using System.Net;
using System.Net.Sockets;
using Dpwa.Protocol;
using Dpwa.Tests.Security;
using Dpwa.Tests.Support;
using Dpwa.Transport;
using Dpwa.Transport.Tcp;

namespace Dpwa.Tests.Hostile;

/// <summary>Clients that connect and say nothing, or not enough for a message, cost their socket: no thread waits for them.</summary>
public class SilentClientTests
{
    private const int Limit = 60_000;
    private const int Some = 50;
    private static readonly byte[] Ping = Frames.Of(Frames.Request(MessageType.Ping, "client"));

    [Fact(Timeout = Limit)]
    public async Task Nothing_is_received_for_who_has_sent_less_than_a_message()
    {
        var spy = new Spy();
        await using DpwaConnection node = Node(spy);
        List<RawClient> clients = await Connect(node, 2 * Some);
        foreach (RawClient client in clients.Take(Some))
            await client.Send(Ping.AsMemory(0, MessageHeader.Size - 1));

        // Whoever sends a message is answered, and was the first for whom a thread was needed; so is who sends the rest of one, a byte at a time or not.
        using RawClient honest = await RawClient.Connect(Pair.PortOf(node.ListenEndPoint));
        await IsAnswered(honest, Ping);
        Assert.Equal(1, spy.Receiving);
        await IsAnswered(clients[0], Ping.AsMemory(MessageHeader.Size - 1));
        foreach (byte one in Ping)
            await clients[^1].Send(new byte[] { one });
        await IsAnswered(clients[^1], default);
        Assert.Equal(3, spy.Receiving);
        Assert.Equal(2 * Some + 1, Inside.Open(node));
        clients.ForEach(c => c.Dispose());
    }

    [Fact(Timeout = Limit)]
    public async Task Who_leaves_without_a_word_is_gone()
    {
        await using DpwaConnection node = Node(new Spy());
        List<RawClient> clients = await Connect(node, Some);
        clients.Take(Some / 2).ToList().ForEach(c => c.Reset());
        clients.ForEach(c => c.Dispose());
        await Eventually.Is(() => Inside.Running(node) == 0, "nothing is left of them");
    }

    [Fact(Timeout = Limit)]
    public async Task They_do_not_hold_who_leaves()
    {
        DpwaConnection node = Node(new Spy());
        List<RawClient> clients = await Connect(node, Some);
        await node.DisposeAsync();
        await Eventually.Is(() => Inside.Running(node) == 0, "nothing is left of them");
        foreach (RawClient client in clients)
            await client.UntilClosed();
        clients.ForEach(c => c.Dispose());
    }

    /// <summary>To the system there is something to be read, and of no length: as at the end of a connection. Who took it for that would wait for the rest of a message, and hold whoever accepts.</summary>
    [Fact(Timeout = Limit)]
    public async Task Who_begins_out_of_band_is_gone_and_holds_nobody()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems do not show it so.");
        var spy = new Spy();
        await using DpwaConnection node = Node(spy);
        using Socket hostile = RawTls.NewSocket();
        await hostile.ConnectAsync(IPAddress.Loopback, Pair.PortOf(node.ListenEndPoint), TestContext.Current.CancellationToken);
        hostile.Send("!"u8, SocketFlags.OutOfBand);
        hostile.Send("?"u8);
        using RawClient honest = await RawClient.Connect(Pair.PortOf(node.ListenEndPoint));
        await IsAnswered(honest, Ping);
        await Eventually.Is(() => Inside.Open(node) == 1, "only the honest one is left");
        Assert.Equal(1, spy.Receiving);
    }

    private static DpwaConnection Node(ITransport transport) => new(
        "w1", new DpwaOptions { Nodes = [new("w1", "127.0.0.1", 0)], Seed = 1, Timeout = TimeSpan.FromSeconds(30), Transport = TransportChoice.Tcp }, parameters: null, transport);

    private static async Task<List<RawClient>> Connect(DpwaConnection node, int count)
    {
        var clients = new List<RawClient>();
        while (clients.Count < count)
            clients.Add(await RawClient.Connect(Pair.PortOf(node.ListenEndPoint)));
        await Eventually.Is(() => Inside.Open(node) == count, "all are let in");
        return clients;
    }

    private static async Task IsAnswered(RawClient client, ReadOnlyMemory<byte> rest)
    {
        await client.Send(rest);
        Assert.Equal(MessageType.Pong, (await client.Receive()).Header.Type);
    }

    /// <summary>TCP, which counts on how many of the connections that came in something is, or was, received.</summary>
    private sealed class Spy : ITransport
    {
        private readonly TcpTransport _inner = new();
        private int _receiving;

        public int Receiving => Volatile.Read(ref _receiving);

        public bool HoldsThreads => true;

        public IListener Listen(DpwaNode node) => new Listener(this, _inner.Listen(node));

        public ValueTask<IConnection> ConnectAsync(DpwaNode node, CancellationToken cancellationToken) => _inner.ConnectAsync(node, cancellationToken);

        private sealed class Listener(Spy spy, IListener inner) : IListener
        {
            public EndPoint EndPoint => inner.EndPoint;

            public async ValueTask<IConnection?> AcceptAsync() => await inner.AcceptAsync() is { } connection ? new Connection(spy, connection) : null;

            public void Dispose() => inner.Dispose();
        }

        private sealed class Connection(Spy spy, IConnection inner) : IConnection
        {
            private bool _receives;

            public string Remote => inner.Remote;

            public long Received => inner.Received;

            public long Sent => inner.Sent;

            public ValueTask<bool> FirstBytesAsync() => inner.FirstBytesAsync();

            public ValueTask SendAsync(Message message) => inner.SendAsync(message);

            public void FinishSending() => inner.FinishSending();

            public ValueTask<Message> ReceiveAsync(IMessageReceiver receiver)
            {
                if (!_receives)
                    Interlocked.Increment(ref spy._receiving);
                _receives = true;
                return inner.ReceiveAsync(receiver);
            }

            public void Dispose() => inner.Dispose();
        }
    }
}
