using Dpwa.Codecs;
using Dpwa.Protocol;
using Dpwa.Simulation;
using Dpwa.Snapshots;
using Dpwa.Tests.Codecs;
using Dpwa.Tests.Forms;

namespace Dpwa.Tests.Guard;

/// <summary><c>max_delta_norm</c>: what is too far away is mixed in part, or not at all, and counted.</summary>
public class DeltaLimitTests
{
    private static readonly DpwaOptions Two = new()
    {
        Nodes = [new DpwaNode("w0", "virtual", 1), new DpwaNode("w1", "virtual", 2)],
        Timeout = TimeSpan.FromMilliseconds(200),
    };

    public static TheoryData<PayloadCodec, bool> Forms =>
        [.. from codec in Enum.GetValues<PayloadCodec>() from isDelta in new[] { false, true } select (codec, isDelta)];

    /// <summary>With the factor 1 a clipped mix moves the whole model, all its types and kinds together, by exactly the limit.</summary>
    [Theory]
    [MemberData(nameof(Forms))]
    public void A_clipped_mix_moves_by_the_limit(PayloadCodec codec, bool isDelta)
    {
        foreach (double limit in (double[])[0.5, 3])
        {
            FormNode mine = Node(1, Two with { MaxDeltaNorm = new(limit) }), peer = Node(2, Two), before = Node(1, Two);
            using Snapshot theirs = peer.Publish(1);
            using Snapshot own = mine.Publish(1);
            mine.Mix(theirs, a: 1, own: isDelta ? own : null, codec: codec);

            // 16-bit tensors are rounded once more than the others.
            Assert.Equal(limit, Distance(before.Model, mine.Model), 0.03);
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Within_the_limit_nothing_changes(PayloadCodec codec, bool isDelta)
    {
        FormNode limited = Node(1, Two with { MaxDeltaNorm = new(1e6) }), free = Node(1, Two), peer = Node(2, Two);
        using Snapshot theirs = peer.Publish(1);
        using Snapshot own = free.Publish(1);
        limited.Mix(theirs, own: isDelta ? own : null, codec: codec);
        free.Mix(theirs, own: isDelta ? own : null, codec: codec);
        for (int i = 0; i < CodecModel.Layout.Tensors.Length; i++)
            Assert.Equal(free.Model.Segment(i).ToArray(), limited.Model.Segment(i).ToArray());
    }

    [Fact]
    public void What_is_refused_leaves_model_and_clock_as_they_were_and_is_counted()
    {
        var cluster = new VirtualCluster(Two with { MaxDeltaNorm = new(5, DeltaExcess.Reject) }, ParameterLayout.Flat(2), seed: 1);
        Fill(cluster, 1, 3, 4);
        UpdateResult near = Step(cluster);
        Assert.Equal((UpdateOutcome.Averaged, 5.0), (near.Outcome, near.DeltaNorm));

        Fill(cluster, 0, 0, 0);
        Fill(cluster, 1, 3, 4.5f);
        cluster.UpdateSend(1, 1);
        cluster.UpdateSend(1, 1);
        cluster.UpdateWait(1, 1);
        double clock = cluster.Node(0).Clock + 1;
        UpdateResult far = Step(cluster);
        Assert.Equal(UpdateOutcome.Rejected, far.Outcome);
        Assert.StartsWith("the parameters of w1 are 5.408 away from mine, more than max_delta_norm (5)", far.Reason, StringComparison.Ordinal);
        Assert.Equal([0, 0], cluster.Model(0).Values().ToArray());
        Assert.Equal(clock, cluster.Node(0).Clock);
        PeerStatus peer = cluster.Node(0).Peers(cluster.Now)[0];
        Assert.Equal((1L, 0L), (peer.BadPayloads, peer.Clipped));
    }

    [Fact]
    public void What_is_clipped_moves_model_and_clock_by_the_smaller_factor()
    {
        var cluster = new VirtualCluster(Two with { MaxDeltaNorm = new(1) }, ParameterLayout.Flat(2), seed: 1);
        Fill(cluster, 1, 6, 8);
        for (int i = 0; i < 9; i++)
            cluster.UpdateSend(1, 1);
        double theirs = cluster.Node(1).Clock;
        UpdateResult result = Step(cluster);
        Assert.Equal(UpdateOutcome.Averaged, result.Outcome);
        Assert.Equal(0.05, result.Factor, 1e-12);
        Assert.Equal([0.3f, 0.4f], cluster.Model(0).Values().ToArray());
        Assert.Equal(0.05 * (theirs + 1) + 0.95 * 1, cluster.Node(0).Clock, 1e-12);
        Assert.Equal(1, cluster.Node(0).Peers(cluster.Now)[0].Clipped);
    }

    /// <summary>The difference of two finite values need not be finite.</summary>
    [Theory]
    [InlineData(DeltaExcess.Clip)]
    [InlineData(DeltaExcess.Reject)]
    public void Values_near_the_largest_do_not_get_through(DeltaExcess excess)
    {
        foreach (ApplyForm form in Enum.GetValues<ApplyForm>())
        {
            var cluster = new VirtualCluster(Two with { Apply = form, MaxDeltaNorm = new(1, excess) }, ParameterLayout.Flat(2), seed: 1);
            Fill(cluster, 0, -float.MaxValue / 2, 0);
            Fill(cluster, 1, float.MaxValue, float.MaxValue);
            Step(cluster);
            float[] values = cluster.Model(0).Values().ToArray();
            Assert.All(values, v => Assert.True(float.IsFinite(v)));
            Assert.Equal(-float.MaxValue / 2, values[0]);
            Assert.InRange(values[1], 0, 0.51);
        }
    }

    [Theory]
    [InlineData(ExchangeKind.Push)]
    [InlineData(ExchangeKind.Swap)]
    public void What_a_peer_brings_unasked_is_limited_too(ExchangeKind kind)
    {
        DpwaOptions options = Two with { Exchange = kind, Apply = kind == ExchangeKind.Swap ? ApplyForm.Delta : ApplyForm.Parameters, MaxDeltaNorm = new(1, DeltaExcess.Reject) };
        var cluster = new VirtualCluster(options, ParameterLayout.Flat(2), seed: 1);
        Fill(cluster, 1, 30, 40);

        // Node 0 only publishes; node 1 asks.
        cluster.UpdateSend(0, 1);
        cluster.UpdateWait(0, 1);
        cluster.UpdateSend(1, 1);
        cluster.Run(TimeSpan.FromSeconds(1));
        cluster.UpdateWait(1, 1);
        cluster.Run(TimeSpan.FromSeconds(1));
        UpdateResult result = cluster.UpdateWait(0, 1);
        Assert.Null(result.Incoming);
        Assert.NotEqual(UpdateOutcome.Averaged, result.Outcome);
        Assert.Equal([0, 0], cluster.Model(0).Values().ToArray());
        Assert.Equal(1, cluster.Node(0).Peers(cluster.Now)[0].BadPayloads);
    }

    [Fact]
    public void Subset_and_outer_forms_measure_what_they_would_mix()
    {
        ParameterLayout layout = ParameterLayout.Flat(1000);
        FormNode mine = new(layout, Two with { Subset = 0.5, MaxDeltaNorm = new(1) }), peer = new(layout, Two with { Subset = 0.5 });
        peer.Model.Values().Fill(1);
        using (Snapshot theirs = peer.Publish(3))
            mine.Mix(theirs, a: 1);
        Assert.Equal(1, Math.Sqrt(mine.Model.Values().ToArray().Sum(v => (double)v * v)), 1e-4);

        FormNode outer = new(layout, Two with { Outer = new(), MaxDeltaNorm = new(10, DeltaExcess.Reject) }), other = new(layout, Two with { Outer = new() });
        other.Model.Values().Fill(1);
        using Snapshot far = other.Publish(1);
        outer.Mix(far);
        Assert.All(outer.Model.Values().ToArray(), v => Assert.Equal(0, v));
        other.Model.Values().Fill(0.1f);
        using Snapshot near = other.Publish(2);
        outer.Mix(near);
        Assert.All(outer.Model.Values().ToArray(), v => Assert.NotEqual(0, v));
    }

    private static FormNode Node(int seed, DpwaOptions options)
    {
        var node = new FormNode(CodecModel.Layout, options);
        CodecModel.Filled(seed).CopyTo(node.Model);
        return node;
    }

    /// <summary>Node 1 publishes; node 0 takes a step.</summary>
    private static UpdateResult Step(VirtualCluster cluster)
    {
        cluster.UpdateSend(1, 1);
        cluster.UpdateSend(0, 1);
        return cluster.UpdateWait(0, 1);
    }

    private static void Fill(VirtualCluster cluster, int node, params float[] values) => values.CopyTo(cluster.Model(node).Values());

    private static double Distance(VirtualModel a, VirtualModel b) =>
        Math.Sqrt(Enumerable.Range(0, a.Layout.Tensors.Length).SelectMany(i => Doubles(a, i).Zip(Doubles(b, i))).Sum(p => (p.First - p.Second) * (p.First - p.Second)));

    private static IEnumerable<double> Doubles(VirtualModel model, int tensor)
    {
        byte[] bytes = model.Segment(tensor).ToArray();
        return model.Layout.Tensors[tensor].Type switch
        {
            ElementType.Float32 => bytes.Chunk(4).Select(b => (double)BitConverter.ToSingle(b)),
            ElementType.Float64 => bytes.Chunk(8).Select(b => BitConverter.ToDouble(b)),
            _ => bytes.Chunk(2).Select(b => (double)BitConverter.ToHalf(b)),
        };
    }
}
