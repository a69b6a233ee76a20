using Dpwa.Exchange;
using Dpwa.Peers;
using Dpwa.Protocol;
using Dpwa.Tests.Support;
using Dpwa.Transport;
using Dpwa.Transport.Tcp;

namespace Dpwa.Tests.Runtime;

/// <summary>Connections whose operations hold their thread: each has one of its own, and none holds anybody else's.</summary>
public class ConnectionThreadTests
{
    private const int Limit = 60_000;

    private static readonly DpwaOptions Tcp = new() { Seed = 1, Timeout = TimeSpan.FromSeconds(20), Transport = TransportChoice.Tcp };

    /// <summary>Looking a name up must not leave the connection on a thread of the pool, which it would hold for as long as it lives.</summary>
    [Theory(Timeout = Limit)]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task A_connection_runs_on_a_thread_of_its_own(string host)
    {
        bool? isPool = null;
        await using DpwaConnection other = Node("w2");
        await using DpwaConnection node = Node("w1", new Spy { OnConnected = () => isPool = Thread.CurrentThread.IsThreadPoolThread });
        Assert.Equal(UpdateOutcome.Averaged, (await Step(node, other, host)).Outcome);
        Assert.False(isPool);
    }

    [Fact(Timeout = Limit)]
    public async Task Where_no_thread_can_be_had_one_of_the_pool_does()
    {
        await using DpwaConnection other = Node("w2");
        await using DpwaConnection node = Node("w1", new Spy { Blocks = false });
        Assert.Equal(UpdateOutcome.Averaged, (await Step(node, other, "127.0.0.1")).Outcome);
    }

    /// <summary>The peer's system takes no byte any more, not even a goodbye.</summary>
    [Fact(Timeout = Limit)]
    public async Task A_goodbye_that_is_not_taken_does_not_hold_who_leaves()
    {
        await using DpwaConnection other = Node("w2");
        DpwaConnection node = Node("w1", new Spy { HoldsGoodbyes = true }, Tcp with { Timeout = TimeSpan.FromMilliseconds(500) });
        Assert.Equal(UpdateOutcome.Averaged, (await Step(node, other, "127.0.0.1")).Outcome);
        await node.DisposeAsync();
        Assert.Equal(0, Inside.Open(node));
    }

    /// <summary>Each of many peers is refused on the spot, without a message. Nested, these steps would need more stack than this trainer has, and end the process.</summary>
    [Fact(Timeout = Limit)]
    public async Task Hundreds_of_peers_that_are_too_old_do_not_deepen_the_trainers_stack()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Shared memory is Linux's.");
        const int peers = 400;
        var time = new SkippingTime();
        DpwaOptions options = Tcp with
        {
            Transport = TransportChoice.SharedMemory,
            MaxStaleness = TimeSpan.FromMinutes(1),
            TimeProvider = time,
            Extensions = DpwaExtensions.None.Add(new LastSelector()),
            Selector = "last",
        };
        var others = new List<DpwaConnection>();
        await using DpwaConnection node = Node("w0", options: options);
        float[] values = new float[16];
        for (int i = 1; i <= peers; i++)
        {
            // Each is asked once while it is the last.
            DpwaConnection other = Node($"w{i:000}", options: options);
            others.Add(other);
            other.UpdateSend(values, 1);
            node.AddPeer(new($"w{i:000}", "127.0.0.1", Pair.PortOf(other.ListenEndPoint)));
            node.UpdateSend(values, 1);
            Assert.Equal(UpdateOutcome.Averaged, (await Task.Run(() => node.UpdateWait(values, 1))).Outcome);
        }

        time.Skip(TimeSpan.FromMinutes(2));
        UpdateResult result = default;
        var trainer = new Thread(
            () =>
            {
                node.UpdateSend(values, 1);
                result = node.UpdateWait(values, 1);
            },
            maxStackSize: 192 * 1024);
        trainer.Start();
        await Task.Run(trainer.Join);
        Assert.Equal(UpdateOutcome.Rejected, result.Outcome);
        Assert.All(node.Peers, p => Assert.Equal(1, p.Failures));
        await Task.WhenAll(others.Select(o => o.DisposeAsync().AsTask()));
    }

    private static DpwaConnection Node(string name, ITransport? transport = null, DpwaOptions? options = null) =>
        new(name, (options ?? Tcp) with { Nodes = [new(name, "127.0.0.1", 0)] }, parameters: null, transport ?? new TcpTransport());

    private static async Task<UpdateResult> Step(DpwaConnection node, DpwaConnection other, string host)
    {
        float[] values = new float[100];
        other.UpdateSend(values, 1);
        node.AddPeer(new("w2", host, Pair.PortOf(other.ListenEndPoint)));
        node.UpdateSend(values, 1);
        return await Task.Run(() => node.UpdateWait(values, 1));
    }

    private sealed class LastSelector : IPeerSelector
    {
        public string Name => "last";

        public int Select(IPeerCandidates candidates) =>
            Enumerable.Range(0, candidates.Count).OrderByDescending(candidates.Name, StringComparer.Ordinal).Where(candidates.IsEligible).FirstOrDefault(-1);
    }

    /// <summary>TCP, looked at.</summary>
    private sealed class Spy : ITransport
    {
        private readonly TcpTransport _inner = new();

        public Action? OnConnected { get; init; }

        public bool Blocks { get; init; } = true;

        public bool HoldsGoodbyes { get; init; }

        public bool HoldsThreads => Blocks;

        public IListener Listen(DpwaNode node) => _inner.Listen(node);

        public async ValueTask<IConnection> ConnectAsync(DpwaNode node, CancellationToken cancellationToken)
        {
            IConnection connection = await _inner.ConnectAsync(node, cancellationToken).ConfigureAwait(false);
            OnConnected?.Invoke();
            return HoldsGoodbyes ? new Holding(connection) : connection;
        }
    }

    private sealed class Holding(IConnection inner) : IConnection
    {
        private readonly ManualResetEventSlim _disposed = new();

        public string Remote => inner.Remote;

        public long Received => inner.Received;

        public long Sent => inner.Sent;

        public ValueTask SendAsync(Message message)
        {
            if (message.Header.Type != MessageType.Goodbye)
                return inner.SendAsync(message);
            _disposed.Wait();
            throw new TransportException(new(FailureKind.Closed, "cut off"));
        }

        public ValueTask<Message> ReceiveAsync(IMessageReceiver receiver) => inner.ReceiveAsync(receiver);

        public void FinishSending() => inner.FinishSending();

        public void Dispose()
        {
            _disposed.Set();
            inner.Dispose();
        }
    }
}
