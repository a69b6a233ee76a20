using System.Runtime.InteropServices;
using Dpwa.Exchange;
using Dpwa.Peers;
using Dpwa.Protocol;
using Dpwa.Simulation;

namespace Dpwa.Tests.Bootstrap;

/// <summary>A node that joins late begins with the model of one that trains, whatever happens on the way; simulated.</summary>
public class LateJoinTests
{
    // Three pieces, the last of them short.
    private const int Large = 5_000_000;
    internal static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(200);
    internal static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(3)]
    [InlineData(Donation.PieceBytes / sizeof(float))]
    [InlineData(Large)]
    public void It_takes_over_the_model_the_clock_and_the_round(int parameters)
    {
        VirtualCluster cluster = Cluster(3, parameters);
        Train(cluster, [0, 1], steps: 4);
        cluster.Model(2).Values().Fill(float.NaN);

        BootstrapResult result = Join(cluster, 2);

        int donor = result.Peer == "w0" ? 0 : 1;
        AssertHas(cluster, 2, donor);
        Assert.Equal(cluster.Node(donor).Published!.Clock, result.Clock);
        Assert.Equal((result.Clock, result.Round), (cluster.Node(2).Clock, cluster.Node(2).Round));
        Assert.Equal(4, result.Round);
        Assert.Equal(cluster.Node(donor).Published!.Length, result.Bytes);
        AssertNothingIsHeld(cluster);

        // From then on it is a node like any other.
        cluster.UpdateSend(2, 1);
        Assert.Equal(UpdateOutcome.Averaged, cluster.UpdateWait(2, 1).Outcome);
        Assert.Equal(5, cluster.Node(2).Round);
    }

    /// <summary>While it is taken the donor trains on, and publishes: what comes is of one moment all the same.</summary>
    [Fact]
    public void All_pieces_are_of_one_snapshot_though_the_donor_trains_on_and_publishes_at_every_step()
    {
        VirtualCluster cluster = Cluster(2, Large);
        int published = 0;
        Step(0);
        cluster.Run(TimeSpan.FromMilliseconds(10));
        int pieces = 0;
        cluster.OnMessage = header =>
        {
            if (header.Type == MessageType.Piece)
            {
                pieces++;
                cluster.After(TimeSpan.Zero, () => Step(0));
                cluster.After(TimeSpan.Zero, () => Step(0));
            }

            return Delivery.Deliver;
        };

        BootstrapResult result = Join(cluster, 1);

        Assert.Equal((3, 7), (pieces, published));
        Assert.Equal(1, result.Round);
        Assert.All(cluster.Model(1).Values().ToArray().Distinct(), value => Assert.Equal(1, value));

        void Step(int node)
        {
            cluster.Model(node).Values().Fill(++published);
            Assert.True(cluster.UpdateSend(node, 1));
        }
    }

    [Fact]
    public void When_nobody_has_a_model_each_begins_with_its_own_at_once()
    {
        VirtualCluster cluster = Cluster(3, 3);
        var results = new BootstrapResult?[3];
        for (int i = 0; i < 3; i++)
        {
            int node = i;
            cluster.Model(i).Values().Fill(i + 1);
            cluster.Bootstrap(i, Wait, r => results[node] = r);
        }

        cluster.Run(TimeSpan.FromSeconds(1));

        Assert.All(results, r => Assert.False(r!.Value.HasModel));
        Assert.All(results, r => Assert.EndsWith("has no model yet", r!.Value.Reason, StringComparison.Ordinal));
        Assert.Equal([1f, 2f, 3f], Enumerable.Range(0, 3).Select(i => cluster.Model(i).Values()[0]));
        Assert.All(Enumerable.Range(0, 3), i => Assert.Equal((0.0, 0L), (cluster.Node(i).Clock, cluster.Node(i).Round)));

        // It is no failure of anybody's.
        Assert.All(cluster.Node(0).Peers(cluster.Now), peer => Assert.Equal(0, peer.Failures));
    }

    [Fact]
    public void Alone_it_begins_with_its_own()
    {
        VirtualCluster cluster = Cluster(1, 3);
        Assert.Equal("there is no peer", Join(cluster, 0).Reason);
    }

    /// <summary>Lost in the middle: each piece that has come is asked for once, and the whole comes from the one who began.</summary>
    [Theory]
    [InlineData(MessageType.Piece)]
    [InlineData(MessageType.PieceRequest)]
    public void What_is_lost_on_the_way_is_asked_for_again_and_nothing_else_is(MessageType lost)
    {
        VirtualCluster cluster = Cluster(2, Large);
        Train(cluster, [0], steps: 1);
        var sent = new List<uint>();
        bool isLost = false;
        cluster.OnMessage = header =>
        {
            if (header.Type == lost && header.Flags == 1 && !isLost)
            {
                isLost = true;
                return Delivery.Drop;
            }

            if (header.Type == MessageType.Piece)
                sent.Add(header.Flags);
            return Delivery.Deliver;
        };

        Assert.True(Join(cluster, 1).HasModel);

        Assert.Equal([0u, 1u, 2u], sent);
        AssertHas(cluster, 1, 0);
        AssertNothingIsHeld(cluster);
    }

    [Fact]
    public void A_donor_that_dies_on_the_way_is_left_for_another_from_the_first_piece_on()
    {
        VirtualCluster cluster = Cluster(3, Large);
        Train(cluster, [0, 1], steps: 1);
        int? dead = null;
        cluster.OnMessage = header =>
        {
            if (header is { Type: MessageType.Piece, Flags: 1 } && dead is null)
            {
                dead = header.Sender == MessageHeader.IdOf("w0") ? 0 : 1;
                cluster.After(TimeSpan.Zero, () => cluster.Kill(dead.Value));
                return Delivery.Drop;
            }

            return Delivery.Deliver;
        };

        BootstrapResult result = Join(cluster, 2);

        Assert.Equal($"w{1 - dead}", result.Peer);
        AssertHas(cluster, 2, 1 - dead!.Value);
    }

    /// <summary>It has another life, and does not know what it had given before.</summary>
    [Fact]
    public void A_donor_that_is_started_again_on_the_way_gives_its_new_model_whole()
    {
        VirtualCluster cluster = Cluster(2, Large);
        Train(cluster, [0], steps: 1);
        bool isRestarted = false;
        cluster.OnMessage = header =>
        {
            if (header is { Type: MessageType.Piece, Flags: 1 } && !isRestarted)
            {
                isRestarted = true;
                cluster.After(TimeSpan.Zero, () =>
                {
                    cluster.Restart(0);
                    cluster.Model(0).Values().Fill(7);
                    cluster.UpdateSend(0, 1);
                });
                return Delivery.Drop;
            }

            return Delivery.Deliver;
        };

        Assert.True(Join(cluster, 1).HasModel);

        Assert.True(isRestarted);
        Assert.All(cluster.Model(1).Values().ToArray().Distinct(), value => Assert.Equal(7, value));
    }

    /// <summary>Many at once: each donor has one at a time, and all get a model.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Many_who_join_at_once_are_spread_over_the_donors_one_at_a_time(int seed)
    {
        const int donors = 3, joiners = 5;
        VirtualCluster cluster = Cluster(donors + joiners, Large, seed);
        Train(cluster, [.. Enumerable.Range(0, donors)], steps: 1);
        var serving = new Dictionary<ulong, ulong>();
        var served = new HashSet<ulong>();
        cluster.OnMessage = header =>
        {
            if (header is { Type: MessageType.Piece })
            {
                if (header.Flags == 0)
                    serving[header.Sender] = header.Receiver;
                Assert.Equal(serving[header.Sender], header.Receiver);
                served.Add(header.Sender);
            }

            return Delivery.Deliver;
        };
        var results = new List<BootstrapResult>();
        for (int i = 0; i < joiners; i++)
            cluster.Bootstrap(donors + i, Wait, results.Add);

        cluster.Run(TimeSpan.FromMinutes(1));

        Assert.Equal(joiners, results.Count);
        Assert.All(results, r => Assert.True(r.HasModel));
        Assert.Equal(donors, served.Count);
        AssertNothingIsHeld(cluster);
    }

    /// <summary>A joiner that dies holds its donor's snapshot, and its turn, for an exchange deadline at most.</summary>
    [Fact]
    public void A_joiner_that_dies_is_given_up_and_the_next_is_served()
    {
        VirtualCluster cluster = Cluster(3, Large);
        Train(cluster, [0], steps: 1);
        cluster.OnMessage = header =>
        {
            if (header is { Type: MessageType.Piece, Flags: 1 } && header.Receiver == MessageHeader.IdOf("w1"))
                cluster.After(TimeSpan.Zero, () => cluster.Kill(1));
            return Delivery.Deliver;
        };
        cluster.Bootstrap(1, Wait, _ => Assert.Fail("it was killed"));
        cluster.Run(TimeSpan.FromSeconds(1));

        Assert.True(Join(cluster, 2).HasModel);
        AssertNothingIsHeld(cluster);
    }

    /// <summary>Its own next life is not kept waiting by what the last one had begun.</summary>
    [Fact]
    public void A_joiner_that_is_started_again_is_served_at_once()
    {
        VirtualCluster cluster = Cluster(2, Large);
        Train(cluster, [0], steps: 1);
        cluster.OnMessage = header => header is { Type: MessageType.Piece, Flags: 1 } ? Delivery.Drop : Delivery.Deliver;
        cluster.Bootstrap(1, Wait, _ => Assert.Fail("it was killed"));
        cluster.Run(Timeout / 2);
        cluster.Restart(1);
        cluster.OnMessage = null;

        TimeSpan start = cluster.Now;
        Assert.True(Join(cluster, 1).HasModel);
        Assert.True(cluster.Now - start < Timeout);
    }

    [Fact]
    public void A_donor_that_answers_nothing_is_tried_three_times()
    {
        VirtualCluster cluster = Cluster(2, 3);
        Train(cluster, [0], steps: 1);
        int asked = 0;
        cluster.OnMessage = header =>
        {
            asked += header.Type == MessageType.PieceRequest ? 1 : 0;
            return header.Type == MessageType.Piece ? Delivery.Drop : Delivery.Deliver;
        };

        BootstrapResult result = Join(cluster, 1);

        Assert.False(result.HasModel);
        Assert.Contains("did not answer", result.Reason, StringComparison.Ordinal);
        Assert.Equal(3, asked);
        Assert.Equal(0, cluster.Node(1).Round);
    }

    /// <summary>The only donor keeps its model for one that has died, for longer than this one waits.</summary>
    [Fact]
    public void A_donor_that_stays_busy_is_waited_for_as_long_as_told()
    {
        VirtualCluster cluster = Cluster(3, Large);
        Train(cluster, [0], steps: 1);
        cluster.OnMessage = header => header is { Type: MessageType.Piece, Flags: 1 } ? Delivery.Drop : Delivery.Deliver;
        cluster.Bootstrap(1, Wait, _ => Assert.Fail("it was killed"));
        cluster.Run(Timeout / 2);
        cluster.Kill(1);

        TimeSpan start = cluster.Now;
        BootstrapResult? result = null;
        cluster.Bootstrap(2, Timeout, r => result = r);
        while (result is null)
            Assert.True(cluster.RunNext());

        Assert.Equal("none was sent for 0.2 s: w0 at virtual:45000 is busy", result.Value.Reason);
        Assert.InRange(cluster.Now - start, Timeout, Timeout * 1.1);
    }

    [Fact]
    public void A_model_that_is_not_finite_is_not_begun_with()
    {
        // Nobody publishes such a one; but who lies about that is not believed either.
        VirtualCluster cluster = Cluster(2, Large);
        Train(cluster, [0], steps: 1);
        MemoryMarshal.Cast<byte, float>(cluster.Node(0).Published!.Segment(0).Span)[^1] = float.NaN;
        cluster.Model(1).Values().Fill(5);

        BootstrapResult result = Join(cluster, 1);

        Assert.False(result.HasModel);
        Assert.EndsWith("gave a model that cannot be begun with: not every value is finite", result.Reason, StringComparison.Ordinal);
        Assert.Equal(5, cluster.Model(1).Values()[0]);
        PeerStatus peer = Assert.Single(cluster.Node(1).Peers(cluster.Now));
        Assert.Equal((1, 1), (peer.BadPayloads, peer.Failures));
    }

    [Fact]
    public void A_peer_that_is_removed_on_the_way_is_not_waited_for()
    {
        VirtualCluster cluster = Cluster(2, Large);
        Train(cluster, [0], steps: 1);
        cluster.OnMessage = header =>
        {
            if (header is { Type: MessageType.Piece, Flags: 1 })
                cluster.After(TimeSpan.Zero, () => cluster.RemovePeer(1, "w0"));
            return Delivery.Deliver;
        };

        Assert.Contains("removed", Join(cluster, 1).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_has_begun_cannot_begin_again()
    {
        VirtualCluster cluster = Cluster(2, 3);
        Train(cluster, [0, 1], steps: 1);
        Assert.Throws<InvalidOperationException>(() => cluster.Bootstrap(1, Wait, _ => { }));
    }

    /// <summary>The slow copy of an outer optimizer is the donor's; the momentum is not.</summary>
    [Fact]
    public void With_an_outer_optimizer_the_slow_copy_comes_too()
    {
        VirtualCluster cluster = Cluster(2, 3, change: o => o with { Outer = new OuterOptimizerOptions() });
        cluster.Model(0).Values().Fill(1);
        cluster.UpdateSend(0, 1);
        cluster.UpdateWait(0, 1);
        cluster.Model(0).Values().Fill(2);
        cluster.UpdateSend(0, 1);

        Assert.True(Join(cluster, 1).HasModel);

        OuterOptimizerState state = ((Dpwa.Forms.OuterForm)cluster.Form(1)).Export()!;
        Assert.Equal(2, cluster.Model(1).Values()[0]);
        Assert.Equal((1f, 0f), (state.Slow[0].Span[0], state.Momentum[0].Span[0]));
    }

    internal static VirtualCluster Cluster(int nodes, int parameters, int seed = 1, Func<DpwaOptions, DpwaOptions>? change = null)
    {
        var options = new DpwaOptions { Nodes = [.. Enumerable.Range(0, nodes).Select(i => new DpwaNode($"w{i}", "virtual", 45_000 + i))], Timeout = Timeout };
        return new(change?.Invoke(options) ?? options, ParameterLayout.Flat(parameters), seed);
    }

    internal static void Train(VirtualCluster cluster, int[] nodes, int steps)
    {
        foreach (int node in nodes)
        {
            Span<float> values = cluster.Model(node).Values();
            for (int i = 0; i < values.Length; i++)
                values[i] = node + i * 1e-7f;
        }

        for (int step = 0; step < steps; step++)
        {
            foreach (int node in nodes)
                cluster.UpdateSend(node, 1);
            foreach (int node in nodes)
                cluster.UpdateWait(node, 1);
        }
    }

    internal static BootstrapResult Join(VirtualCluster cluster, int node)
    {
        BootstrapResult? result = null;
        cluster.Bootstrap(node, Wait, r => result = r);
        while (result is null)
            Assert.True(cluster.RunNext());
        cluster.Run(TimeSpan.FromMilliseconds(100));
        return result.Value;
    }

    private static void AssertHas(VirtualCluster cluster, int node, int donor) =>
        Assert.True(cluster.Model(node).Segment(0).SequenceEqual(cluster.Node(donor).Published!.Segment(0).Span[..cluster.Model(node).Segment(0).Length]));

    private static void AssertNothingIsHeld(VirtualCluster cluster)
    {
        for (int i = 0; i < 2; i++)
            Assert.False(cluster.Node(i).Published?.IsLeased ?? false);
    }
}
