using System.Runtime.InteropServices;
using Dpwa.Averaging;
using Dpwa.Exchange;
using Dpwa.Peers;
using Dpwa.Protocol;
using Dpwa.Simulation;

namespace Dpwa.Tests.Bootstrap;

/// <summary>How long who joins late waits, and whom it asks; simulated.</summary>
public class BoundsTests
{
    /// <summary>The answer is on its way still, and the donor's own time is not over.</summary>
    [Fact]
    public void It_waits_no_longer_than_told_for_a_donor_that_does_not_answer()
    {
        VirtualCluster cluster = LateJoinTests.Cluster(2, 3);
        LateJoinTests.Train(cluster, [0], steps: 1);
        cluster.OnMessage = header => header.Type == MessageType.Piece ? Delivery.Drop : Delivery.Deliver;

        TimeSpan start = cluster.Now;
        BootstrapResult? result = null;
        cluster.Bootstrap(1, LateJoinTests.Timeout / 4, r => result = r);
        while (result is null)
            Assert.True(cluster.RunNext());

        Assert.Equal("none was sent for 0.05 s: w0 at virtual:45000 did not answer in time", result.Value.Reason);
        Assert.Equal(LateJoinTests.Timeout / 4, cluster.Now - start);
    }

    /// <summary>The same node again, when the first time there was none.</summary>
    [Fact]
    public void Who_got_no_model_may_ask_again_but_not_those_in_quarantine()
    {
        VirtualCluster cluster = LateJoinTests.Cluster(2, 3, change: o => o with { Quarantine = new QuarantineOptions { After = 1 } });
        Assert.EndsWith("has no model yet", LateJoinTests.Join(cluster, 1).Reason, StringComparison.Ordinal);
        LateJoinTests.Train(cluster, [0], steps: 1);
        Span<float> published = MemoryMarshal.Cast<byte, float>(cluster.Node(0).Published!.Segment(0).Span);
        published[0] = float.NaN;
        Assert.EndsWith("not every value is finite", LateJoinTests.Join(cluster, 1).Reason, StringComparison.Ordinal);
        MemoryMarshal.Cast<byte, float>(cluster.Node(0).Published!.Segment(0).Span)[0] = 1;
        Assert.Equal("all peers are in quarantine", LateJoinTests.Join(cluster, 1).Reason);
        cluster.Run(new QuarantineOptions().Duration);
        Assert.True(LateJoinTests.Join(cluster, 1).HasModel);
    }

    /// <summary>Whoever closes it may do so between the caller's check and here.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_node_that_leaves_asks_nobody_any_more(bool hasBegun)
    {
        var options = new DpwaOptions { Nodes = [new DpwaNode("w0", "virtual", 1), new DpwaNode("w1", "virtual", 2)] };
        var node = new GossipNode("w0", options, new Membership(options.Nodes), new Random(1), 1) { Layout = ParameterLayout.Flat(3) };
        if (hasBegun)
            node.BeginBootstrap(TimeSpan.Zero, LateJoinTests.Wait);
        node.Close(TimeSpan.Zero);
        if (!hasBegun)
            node.BeginBootstrap(TimeSpan.Zero, LateJoinTests.Wait);
        Assert.Equal(hasBegun ? 1 : 0, node.Effects.Count(e => e.Kind == EffectKind.Connect));
        Assert.Equal(EffectKind.Decided, node.Effects[^1].Kind);
        Assert.Equal("this node has left", node.Decision.Reason);
        Assert.Null(node.NextDeadline);
    }
}
