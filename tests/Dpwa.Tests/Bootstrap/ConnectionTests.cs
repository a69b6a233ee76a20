using System.Runtime.InteropServices;
using Dpwa.Protocol;
using Dpwa.Tests.Hostile;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Bootstrap;

/// <summary>Joining late over TCP, as users do.</summary>
public class ConnectionTests
{
    private const int Limit = 60_000;
    private static readonly DpwaOptions Options = new() { Nodes = [new DpwaNode("w1", "127.0.0.1", 0)], Timeout = TimeSpan.FromSeconds(20), Seed = 1 };

    [Theory(Timeout = Limit)]
    [InlineData(TransportChoice.Tcp, 100, false)]
    [InlineData(TransportChoice.Auto, 5_000_000, false)]
    [InlineData(TransportChoice.SharedMemory, 100, false)]
    [InlineData(TransportChoice.Auto, 5_000_000, true)]
    public async Task A_vector_is_taken_over_by_whoever_asks_for_it(TransportChoice transport, int length, bool encrypts)
    {
        DpwaOptions options = Options with { Transport = transport, ClusterKey = encrypts ? Identities.Source : null };
        float[] theirs = [.. Enumerable.Range(0, length).Select(i => i * 0.5f)];
        await using DpwaConnection donor = Trained(options, theirs);
        var logs = new RecordingLogs();
        await using DpwaConnection joiner = Joiner(options with { LoggerFactory = logs }, donor);
        float[] mine = new float[length];

        BootstrapResult result = await Task.Run(() => joiner.Bootstrap(mine));

        Assert.True(result.HasModel, result.Reason);
        Assert.Equal(("w1", 2d, 2L), (result.Peer, result.Clock, result.Round));
        Assert.Equal(theirs, mine);
        Assert.Equal(2, joiner.Clock);
        Assert.Equal(3, joiner.ExportState().Round + 1);
        await logs.Logged(21);
        await Eventually.NothingIsLeased(donor, joiner);

        // One exchange more of each, as ever.
        joiner.UpdateSend(mine, 1);
        Assert.Equal(UpdateOutcome.Averaged, (await Task.Run(() => joiner.UpdateWait(mine, 1))).Outcome);
    }

    [Fact(Timeout = Limit)]
    public async Task With_the_key_a_parameter_set_takes_it_over_in_the_first_step_and_never_again()
    {
        await using DpwaConnection donor = Trained(Options, [1, 2, 3]);
        var set = new Set([7, 7, 7]);
        await using DpwaConnection joiner = Joiner(Options with { Bootstrap = BootstrapSource.Peer, FetchProbability = 0 }, donor, set);

        await Task.Run(() => joiner.UpdateSend(1));

        Assert.Equal([1f, 2f, 3f], set.Values);
        Assert.Equal((1, 3d), (set.Stores, joiner.Clock));
        set.Values.AsSpan().Fill(9);
        joiner.UpdateWait(1);
        joiner.UpdateSend(1);
        Assert.Equal([9f, 9f, 9f], set.Values);
    }

    [Fact(Timeout = Limit)]
    public async Task Without_the_key_nothing_is_taken_over()
    {
        await using DpwaConnection donor = Trained(Options, [1, 2, 3]);
        var set = new Set([7, 7, 7]);
        await using DpwaConnection joiner = Joiner(Options with { FetchProbability = 0 }, donor, set);
        joiner.UpdateSend(1);
        Assert.Equal([7f, 7f, 7f], set.Values);
    }

    [Fact(Timeout = Limit)]
    public async Task With_the_key_a_vector_has_to_be_given_to_be_written()
    {
        await using var node = new DpwaConnection("w1", Options with { Bootstrap = BootstrapSource.Peer });
        float[] values = [1];
        Assert.Contains("call Bootstrap(parameters)", Assert.Throws<InvalidOperationException>(() => node.UpdateSend(values, 1)).Message, StringComparison.Ordinal);
        Assert.Equal("there is no peer", node.Bootstrap(values).Reason);
        node.UpdateSend(values, 1);
        Assert.Throws<InvalidOperationException>(() => node.Bootstrap(values));
    }

    /// <summary>It has a model of its own: that of its checkpoint.</summary>
    [Fact(Timeout = Limit)]
    public async Task Who_goes_on_from_a_checkpoint_takes_nothing_over()
    {
        await using DpwaConnection donor = Trained(Options, [1, 2, 3]);
        var set = new Set([7, 7, 7]);
        await using DpwaConnection resumed = Joiner(Options with { Bootstrap = BootstrapSource.Peer, FetchProbability = 0 }, donor, set);
        resumed.ImportState(new WorkerState(Clock: 5, Round: 5, Weight: 1, Outer: null));
        resumed.UpdateSend(1);
        Assert.Equal([7f, 7f, 7f], set.Values);
        Assert.Throws<InvalidOperationException>(() => resumed.Bootstrap());
    }

    [Theory(Timeout = Limit)]
    [InlineData(-1)]
    [InlineData(11 * 86_400_000.0)]
    public async Task A_time_to_wait_that_is_none_is_refused_before_anything_is_done(double milliseconds)
    {
        await using var node = new DpwaConnection("w1", Options);
        var wait = TimeSpan.FromMilliseconds(milliseconds);
        Assert.Throws<ArgumentOutOfRangeException>(() => node.Bootstrap(new float[1], wait));
        Assert.False(node.Bootstrap(new float[1]).HasModel);
        node.UpdateSend([1], 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => node.FinalMerge([1], 1, wait));
        Assert.Equal(UpdateOutcome.NoPeer, node.UpdateWait([1], 1).Outcome);
    }

    [Fact(Timeout = Limit)]
    public async Task A_subset_is_never_the_whole_model()
    {
        await using var node = new DpwaConnection("w1", Options with { Subset = 0.5 });
        Assert.Contains("never the whole model", Assert.Throws<InvalidOperationException>(() => node.Bootstrap(new float[10])).Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task Another_model_is_not_taken_over_and_the_difference_is_named()
    {
        await using DpwaConnection donor = Trained(Options, [1, 2, 3]);
        await using DpwaConnection joiner = Joiner(Options, donor);
        float[] mine = [7, 7];
        BootstrapResult result = await Task.Run(() => joiner.Bootstrap(mine));
        Assert.Contains("runs another model", result.Reason, StringComparison.Ordinal);
        Assert.Equal([7f, 7f], mine);
    }

    /// <summary>Four ask at the moment when one is served: they are told that this node is busy, which is nobody's failure.</summary>
    [Fact(Timeout = Limit)]
    public async Task No_more_than_max_serves_are_served_at_a_time()
    {
        await using var scene = await HostileScene.Published(new float[8_000_000], o => o with { MaxServes = 1 });
        ulong fingerprint = ParameterLayout.Flat(8_000_000).Fingerprint;
        using RawClient slow = await RawClient.Connect(scene.Port);
        await slow.Send(Frames.Request(MessageType.Fetch, "slow", fingerprint: fingerprint));
        await Eventually.Is(() => Inside.Leased(scene.Node) > 0, "the first is being served");
        using RawClient next = await RawClient.Connect(scene.Port);
        await next.Send(Frames.Request(MessageType.Fetch, "next", fingerprint: fingerprint));
        Assert.Equal(RefusalReason.Busy, (await next.Receive()).Header.Reason);

        // Small answers are no service of parameters.
        await next.Send(Frames.Request(MessageType.Ping, "next"));
        Assert.Equal(MessageType.Pong, (await next.Receive()).Header.Type);
        await slow.Receive();
        await Eventually.NothingIsLeased(scene.Node);
        await next.Send(Frames.Request(MessageType.Fetch, "next", fingerprint: fingerprint));
        Assert.Equal(MessageType.Snapshot, (await next.Receive()).Header.Type);
    }

    private static DpwaConnection Trained(DpwaOptions options, float[] values)
    {
        var node = new DpwaConnection("w1", options);
        for (int step = 0; step < 2; step++)
        {
            node.UpdateSend(values, 1);
            node.UpdateWait(values, 1);
        }

        return node;
    }

    private static DpwaConnection Joiner(DpwaOptions options, DpwaConnection donor, Set? set = null)
    {
        DpwaNode self = new("w2", "127.0.0.1", 0);
        DpwaOptions mine = options with { Nodes = [self] };
        DpwaConnection joiner = set is null ? new("w2", mine) : new("w2", mine, set);
        joiner.AddPeer(new DpwaNode("w1", "127.0.0.1", Pair.PortOf(donor.ListenEndPoint)));
        donor.AddPeer(self with { Port = Pair.PortOf(joiner.ListenEndPoint) });
        return joiner;
    }

    private sealed class Set(float[] values) : IParameterSet
    {
        public float[] Values => values;

        public int Stores { get; private set; }

        public ParameterLayout Layout { get; } = ParameterLayout.Flat(values.Length);

        public Span<byte> Segment(int index) => MemoryMarshal.AsBytes(values.AsSpan());

        public void Load()
        {
        }

        public void Store() => Stores++;
    }
}
