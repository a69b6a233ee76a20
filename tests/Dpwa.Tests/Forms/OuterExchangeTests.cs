using Dpwa.Forms;
using Dpwa.Protocol;
using Dpwa.Simulation;
using Dpwa.Tests.Hostile;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Forms;

/// <summary>Nodes with an outer optimizer, on virtual time, over TCP and through shared memory.</summary>
public class OuterExchangeTests
{
    private const int Limit = 60_000;
    private const int Length = 1500;

    private static readonly DpwaOptions Options = new() { Seed = 1, Timeout = TimeSpan.FromSeconds(20), Outer = new(), Apply = ApplyForm.Delta };

    /// <summary>The model has been replaced: what would be mixed as if it had been trained on must not come.</summary>
    [Fact(Timeout = Limit)]
    public async Task Who_imports_a_state_drops_what_is_late()
    {
        await using var silent = new HostilePeer(visit => visit.Stall());
        await using var node = new DpwaConnection("w1", Options with { LateFetch = LateFetch.Skip, Nodes = [new("w1", "127.0.0.1", 0)] });
        node.AddPeer(silent.Node);
        float[] values = new float[Length];
        for (int step = 0; step < 3; step++)
        {
            node.UpdateSend(values, 1);
            Assert.Equal(UpdateOutcome.Late, (step < 2 ? node.UpdateWait(values, 1) : await node.UpdateWaitAsync(values, 1)).Outcome);
        }

        node.ImportOuterState(null);
        Assert.Equal(UpdateOutcome.NotFetching, node.UpdateWait(values, 1).Outcome);
        await Eventually.NothingIsLeased(node);
    }

    [Theory]
    [InlineData(2, ApplyForm.Delta, 0.5, 0.7, 0.6)]
    [InlineData(2, ApplyForm.Parameters, 0.5, 0.7, 0.6)]
    [InlineData(2, ApplyForm.Delta, 0.9, 0.4, 0.0)]
    [InlineData(2, ApplyForm.Parameters, 0.0, 1.0, 0.0)]
    [InlineData(4, ApplyForm.Delta, 0.5, 0.7, 0.6)]
    [InlineData(4, ApplyForm.Parameters, 0.3, 0.9, 1.2)]
    public void Nodes_do_what_the_reference_does_round_after_round(int nodes, ApplyForm apply, double alpha, double beta, double gamma)
    {
        var outer = new OuterOptimizerOptions(alpha, beta, gamma);
        var cluster = new VirtualCluster(Virtual(nodes) with { Apply = apply, Outer = outer }, ParameterLayout.Flat(Length), seed: 1);
        OuterReference[] references = new OuterReference[nodes];
        var random = new Random(7);
        for (int i = 0; i < nodes; i++)
        {
            foreach (ref float value in cluster.Model(i).Values())
                value = (float)(random.NextDouble() - 0.5);
            references[i] = new(Doubles(cluster.Model(i).Values()));
        }

        for (int round = 0; round < 8; round++)
        {
            // Between the steps, and below while the exchange is under way. The first that is published is φ.
            for (int i = 0; i < nodes && round > 0; i++)
                Train(i);
            (double[], double[])[] published = [.. references.Select(r => r.Publish())];
            for (int i = 0; i < nodes; i++)
                Assert.True(cluster.UpdateSend(i, 1));
            for (int i = 0; i < nodes; i++)
                Train(i);
            for (int i = 0; i < nodes; i++)
            {
                UpdateResult result = cluster.UpdateWait(i, 1);
                Assert.Equal(UpdateOutcome.Averaged, result.Outcome);
                (double[], double[]) own = apply == ApplyForm.Delta ? published[i] : references[i].Publish();
                references[i].Step(own, published[int.Parse(result.Peer![1..]) - 1], outer);
            }

            for (int i = 0; i < nodes; i++)
                Near(references[i].Theta, cluster.Model(i).Values());
        }

        void Train(int node)
        {
            Span<float> values = cluster.Model(node).Values();
            for (int c = 0; c < values.Length; c++)
            {
                float step = (float)(random.NextDouble() - 0.5) * 0.1f;
                values[c] += step;
                references[node].Theta[c] += step;
            }
        }
    }

    [Fact]
    public void One_worker_alone_trains_as_without_an_outer_optimizer()
    {
        var cluster = new VirtualCluster(Virtual(2), ParameterLayout.Flat(4), seed: 1);
        cluster.Kill(1);
        for (int step = 1; step <= 3; step++)
        {
            cluster.UpdateSend(0, 1);
            foreach (ref float value in cluster.Model(0).Values())
                value++;
            Assert.NotEqual(UpdateOutcome.Averaged, cluster.UpdateWait(0, 1).Outcome);
            Assert.All(cluster.Model(0).Values().ToArray(), v => Assert.Equal(step, v));
        }

        // The slow copy has waited, for all three steps.
        Assert.All(((OuterForm)cluster.Form(0)).Export()!.Slow[0].ToArray(), v => Assert.Equal(0, v));
    }

    /// <summary>Two nodes; one goes on from an exported state in a new connection, another trains on without interruption: both end bit for bit alike.</summary>
    [Theory(Timeout = Limit)]
    [InlineData(TransportChoice.Tcp, PayloadCodec.Native)]
    [InlineData(TransportChoice.Tcp, PayloadCodec.BFloat16)]
    [InlineData(TransportChoice.SharedMemory, PayloadCodec.Native)]
    public async Task A_worker_that_is_started_again_from_its_state_goes_on_bit_for_bit(TransportChoice transport, PayloadCodec codec)
    {
        Assert.SkipUnless(transport == TransportChoice.Tcp || OperatingSystem.IsLinux(), "Shared memory is Linux's.");
        float[] whole = await Run(interrupted: false);
        Assert.Equal(whole, await Run(interrupted: true));
        Assert.DoesNotContain(whole, float.IsNaN);

        async Task<float[]> Run(bool interrupted)
        {
            DpwaOptions options = Options with { Transport = transport, Codec = codec };
            await using var peer = new DpwaConnection("w2", options with { Nodes = [new("w2", "127.0.0.1", 0)] });
            float[] theirs = Values(2), mine = Values(1);
            DpwaConnection node = Connect(options, peer);
            try
            {
                for (int step = 0; step < 6; step++)
                {
                    Train(theirs, step);
                    peer.UpdateSend(theirs, 1);
                    node.UpdateSend(mine, 1);
                    Train(mine, step + 50);
                    UpdateResult result = await Task.Run(() => node.UpdateWait(mine, 1));
                    Assert.True(result.Outcome == UpdateOutcome.Averaged, result.Reason);
                    if (!interrupted || step != 2)
                        continue;
                    OuterOptimizerState state = node.ExportOuterState()!;
                    await node.DisposeAsync();
                    node = Connect(options, peer);
                    node.ImportOuterState(state);
                }

                return mine;
            }
            finally
            {
                await node.DisposeAsync();
            }
        }
    }

    [Theory(Timeout = Limit)]
    [InlineData(true, "outer optimizer's slow copy of parameters float32[1500] here and parameters float32[1500] there")]
    [InlineData(false, "parameters float32[1500] here and outer optimizer's slow copy of parameters float32[1500] there")]
    public async Task A_node_without_an_outer_optimizer_and_one_with_it_refuse_each_other_and_say_why(bool withOuter, string reason)
    {
        OuterOptimizerOptions? outer = new();
        await using var peer = new DpwaConnection("w2", Options with { Nodes = [new("w2", "127.0.0.1", 0)], Outer = withOuter ? null : outer });
        peer.UpdateSend(Values(2), 1);
        await using DpwaConnection node = Connect(Options with { Outer = withOuter ? outer : null }, peer);
        float[] mine = Values(1);
        node.UpdateSend(mine, 1);
        UpdateResult result = await Task.Run(() => node.UpdateWait(mine, 1));
        Assert.Equal(UpdateOutcome.Rejected, result.Outcome);
        Assert.Contains(reason, result.Reason, StringComparison.Ordinal);
        Assert.Equal(Values(1), mine);
    }

    [Fact(Timeout = Limit)]
    public async Task Without_an_outer_optimizer_there_is_no_state_and_before_the_first_step_none_yet()
    {
        await using var plain = new DpwaConnection("w1", Options with { Nodes = [new("w1", "127.0.0.1", 0)], Outer = null });
        await using var outer = new DpwaConnection("w1", Options with { Nodes = [new("w1", "127.0.0.1", 0)] });
        Assert.Null(plain.ExportOuterState());
        Assert.Null(outer.ExportOuterState());
        outer.ImportOuterState(null);
        outer.UpdateSend(Values(1), 1);
        OuterOptimizerState state = outer.ExportOuterState()!;
        Assert.Equal(Values(1), state.Slow[0].ToArray());
        Assert.Contains("set 'outer'", Assert.Throws<InvalidOperationException>(() => plain.ImportOuterState(state)).Message, StringComparison.Ordinal);

        await using var shorter = new DpwaConnection("w1", Options with { Nodes = [new("w1", "127.0.0.1", 0)] });
        shorter.UpdateSend([1, 2, 3], 1);
        Assert.Contains(
            "tensor 0 is parameters float32[3] here and parameters float32[1500] there",
            Assert.Throws<ArgumentException>(() => shorter.ImportOuterState(state)).Message, StringComparison.Ordinal);
        await using var named = new DpwaConnection("w1", Options with { Nodes = [new("w1", "127.0.0.1", 0)] });
        ParameterLayout layout = new([new("weight", [2], ElementType.Float32, TensorKind.Parameter)]);
        Assert.Throws<ArgumentException>(() => named.ImportOuterState(new(layout, [new float[2]], [new float[2]])));
    }

    /// <summary>What the options do not go with is found out before the address is taken.</summary>
    [Fact(Timeout = Limit)]
    public async Task A_model_that_does_not_fit_leaves_the_address_free()
    {
        int port;
        await using (var first = new DpwaConnection("w1", Options with { Nodes = [new("w1", "127.0.0.1", 0)] }))
            port = Pair.PortOf(first.ListenEndPoint);
        DpwaOptions options = Options with { Nodes = [new("w1", "127.0.0.1", port)] };
        Assert.Throws<DpwaConfigurationException>(() => new DpwaConnection("w1", options, new Doubled()));
        await using var second = new DpwaConnection("w1", options);
        Assert.Equal(port, Pair.PortOf(second.ListenEndPoint));
    }

    private static DpwaConnection Connect(DpwaOptions options, DpwaConnection peer)
    {
        var node = new DpwaConnection("w1", options with { Nodes = [new("w1", "127.0.0.1", 0)] });
        node.AddPeer(new("w2", "127.0.0.1", Pair.PortOf(peer.ListenEndPoint)));
        return node;
    }

    private static DpwaOptions Virtual(int nodes) => Options with { Nodes = [.. Enumerable.Range(0, nodes).Select(i => new DpwaNode($"w{i + 1}", "virtual", 45_000 + i))] };

    private static float[] Values(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Length).Select(_ => (float)random.NextDouble() - 0.5f)];
    }

    private static void Train(float[] values, int seed)
    {
        float[] step = Values(seed);
        for (int i = 0; i < values.Length; i++)
            values[i] += step[i] * 0.1f;
    }

    private static double[] Doubles(ReadOnlySpan<float> values) => Array.ConvertAll(values.ToArray(), v => (double)v);

    private static void Near(double[] expected, ReadOnlySpan<float> actual)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-5);
    }

    private sealed class Doubled : IParameterSet
    {
        private readonly byte[] _bytes = new byte[16];

        public ParameterLayout Layout { get; } = new([new("x", [2], ElementType.Float64, TensorKind.Parameter)]);

        public Span<byte> Segment(int index) => _bytes;
    }
}
