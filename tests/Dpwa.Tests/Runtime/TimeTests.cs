using Dpwa.Protocol;
using Dpwa.Tests.Hostile;
using Dpwa.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Dpwa.Tests.Runtime;

/// <summary>The rules of time, on a clock that the test moves.</summary>
public class TimeTests
{
    private const int Limit = 60_000;
    private const int Piece = 64 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(2500);

    [Fact(Timeout = Limit)]
    public async Task A_peer_that_does_not_answer_costs_one_time_out_to_the_millisecond()
    {
        var asked = new TaskCompletionSource();
        await using Scene scene = new(new HostilePeer(async visit =>
        {
            await visit.Request();
            asked.TrySetResult();
            await visit.Stall();
        }));
        Task<UpdateResult> step = scene.Step();
        await asked.Task;
        scene.Time.Advance(Timeout - TimeSpan.FromMilliseconds(1));
        Assert.False(step.IsCompleted);
        scene.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(UpdateOutcome.TimedOut, (await step).Outcome);
    }

    [Fact(Timeout = Limit)]
    public async Task Progress_of_64_KiB_a_time_out_is_enough_and_a_byte_less_is_not()
    {
        var more = new SemaphoreSlim(0);
        int next = Piece;
        await using Scene scene = new(new HostilePeer(async visit =>
        {
            byte[] answer = Scene.Answer(await visit.Request());
            for (int at = 0; ; at += next)
            {
                await more.WaitAsync(visit.Ended);
                await visit.Send(answer.AsMemory(at, next));
            }
        }));
        Task<UpdateResult> step = scene.Step();
        long due = 0;
        for (int i = 0; i < 4; i++)
        {
            await Send(Piece);
            scene.Time.Advance(Timeout);
            Assert.False(step.IsCompleted);
        }

        await Send(Piece - 1);
        scene.Time.Advance(Timeout);
        UpdateResult result = await step;
        Assert.Equal(UpdateOutcome.TimedOut, result.Outcome);
        Assert.Contains("too slow within 2.5 s", result.Reason, StringComparison.Ordinal);

        async Task Send(int count)
        {
            next = count;
            due += count;
            more.Release();
            await Eventually.Is(() => Inside.Received(scene.Node) == due, "the piece has come");
        }
    }

    [Fact(Timeout = Limit)]
    public async Task An_exchange_never_takes_longer_than_its_deadline_however_it_progresses()
    {
        var more = new SemaphoreSlim(0);
        await using Scene scene = new(new HostilePeer(async visit =>
        {
            byte[] answer = Scene.Answer(await visit.Request());
            for (int at = 0; ; at += Piece)
            {
                await more.WaitAsync(visit.Ended);
                await visit.Send(answer.AsMemory(at, Piece));
            }
        }));
        Task<UpdateResult> step = scene.Step();
        for (int i = 1; i <= 10; i++)
        {
            Assert.False(step.IsCompleted);
            more.Release();
            await Eventually.Is(() => Inside.Received(scene.Node) == i * Piece, "the piece has come");
            scene.Time.Advance(Timeout);
        }

        UpdateResult result = await step;
        Assert.Equal(UpdateOutcome.TimedOut, result.Outcome);
        Assert.Contains("within 25 s", result.Reason, StringComparison.Ordinal);
    }

    /// <summary>PEERS: "a slow one [client] for as long as it reads": who reads slowly is held to the same rule.</summary>
    [Fact(Timeout = Limit)]
    public async Task A_client_that_takes_too_long_over_a_snapshot_is_cut_off_and_its_lease_ends()
    {
        await using Scene scene = new(evil: null);
        scene.Node.UpdateSend(scene.Values, 1);
        using RawClient client = await RawClient.Connect(Pair.PortOf(scene.Node.ListenEndPoint));
        await client.Send(Frames.Request(MessageType.Fetch, "client", fingerprint: Scene.Layout.Fingerprint));
        await Eventually.Is(() => Inside.HoldsLeases(scene.Node), "the client is being served");
        while (Inside.HoldsLeases(scene.Node))
        {
            scene.Time.Advance(Timeout);
            await Task.Yield();
        }

        await Eventually.Is(() => Inside.Open(scene.Node) == 0, "the connection is closed");
    }

    /// <summary>PEERS: "a crashed trainer keeps serving its frozen state and others keep averaging with it".</summary>
    [Fact(Timeout = Limit)]
    public async Task A_node_whose_trainer_has_crashed_is_stale_until_it_publishes_again()
    {
        var time = new FakeTimeProvider();
        await using Mesh mesh = Mesh.Published(2, i => [i], new DpwaOptions { TimeProvider = time, MaxStaleness = TimeSpan.FromSeconds(60) });
        Assert.Equal(UpdateOutcome.Averaged, (await Step()).Outcome);
        for (int i = 0; i < 3; i++)
        {
            time.Advance(TimeSpan.FromSeconds(61));
            UpdateResult result = await Step();
            Assert.Equal((UpdateOutcome.Rejected, "w2", 0d), (result.Outcome, result.Peer, result.Factor));
            Assert.Contains("max_staleness (60 s)", result.Reason, StringComparison.Ordinal);
        }

        time.Advance(TimeSpan.FromMinutes(10));
        mesh.Nodes[1].UpdateSend([1], 1);
        Assert.Equal(UpdateOutcome.Averaged, (await Step()).Outcome);

        async Task<UpdateResult> Step()
        {
            float[] values = [7];
            mesh.Nodes[0].UpdateSend(values, 1);
            UpdateResult result = await Task.Run(() => mesh.Nodes[0].UpdateWait(values, 1));
            Assert.Equal(result.Outcome == UpdateOutcome.Averaged ? 4 : 7, values[0]);
            return result;
        }
    }

    [Fact(Timeout = Limit)]
    public async Task A_snapshot_tells_its_age()
    {
        await using Scene scene = new(evil: null);
        scene.Node.UpdateSend(scene.Values, 1);
        scene.Time.Advance(TimeSpan.FromSeconds(7));
        using RawClient client = await RawClient.Connect(Pair.PortOf(scene.Node.ListenEndPoint));
        await client.Send(Frames.Request(MessageType.Fetch, "client", fingerprint: Scene.Layout.Fingerprint));
        Assert.Equal(7_000_000UL, (await client.Receive()).Header.AgeMicroseconds);
    }

    private sealed class Scene : IAsyncDisposable
    {
        private readonly HostilePeer? _evil;

        public Scene(HostilePeer? evil)
        {
            _evil = evil;
            Node = new DpwaConnection("w1", new DpwaOptions { Nodes = [new DpwaNode("w1", "127.0.0.1", 0)], Timeout = Timeout, TimeProvider = Time, Transport = TransportChoice.Tcp });
            if (evil is not null)
                Node.AddPeer(evil.Node);
        }

        public static ParameterLayout Layout { get; } = ParameterLayout.Flat(5_000_000);

        public FakeTimeProvider Time { get; } = new();

        public DpwaConnection Node { get; }

        public float[] Values { get; } = new float[5_000_000];

        public static byte[] Answer(in MessageHeader request) =>
            Frames.Of(Frames.Reply(request, MessageType.Snapshot, HostilePeer.Name), new byte[Layout.PayloadLength]);

        public Task<UpdateResult> Step()
        {
            Node.UpdateSend(Values, 1);
            return Task.Run(() => Node.UpdateWait(Values, 1));
        }

        public async ValueTask DisposeAsync()
        {
            ValueTask ending = Node.DisposeAsync();
            while (!ending.IsCompleted)
            {
                Time.Advance(Timeout);
                await Task.Yield();
            }

            await ending;
            if (_evil is not null)
                await _evil.DisposeAsync();
        }
    }
}
