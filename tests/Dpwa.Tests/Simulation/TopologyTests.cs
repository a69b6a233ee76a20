using Dpwa.Simulation;

namespace Dpwa.Tests.Simulation;

/// <summary>Production nodes that exchange by a schedule, all in step, do what METHODS.md predicts of it.</summary>
public sealed class TopologyTests
{
    private const int Elements = 3;

    private static VirtualCluster Cluster(int nodes, DpwaOptions options)
    {
        var cluster = new VirtualCluster(options with { Nodes = [.. Enumerable.Range(0, nodes).Select(i => new DpwaNode($"w{i}", "virtual", 1 + i))] }, ParameterLayout.Flat(Elements), seed: 1);
        for (int i = 0; i < nodes; i++)
        {
            for (int e = 0; e < Elements; e++)
                cluster.Model(i).Values()[e] = i * (e + 1) * (e + 1);
        }

        return cluster;
    }

    /// <summary>Everybody publishes; then everybody mixes what was published.</summary>
    private static UpdateResult[] Round(VirtualCluster cluster, int nodes)
    {
        // The first asks before the others have published: those steps come at the same instant, and a message takes a millisecond.
        for (int i = 0; i < nodes; i++)
            cluster.UpdateSend(i, loss: 1);
        cluster.Run(TimeSpan.FromMilliseconds(100));
        return [.. Enumerable.Range(0, nodes).Select(i => cluster.UpdateWait(i, loss: 1))];
    }

    private static double V(VirtualCluster cluster, int nodes) => Enumerable.Range(0, Elements).Sum(e =>
    {
        double[] x = [.. Enumerable.Range(0, nodes).Select(i => (double)cluster.Model(i).Values()[e])];
        return x.Sum(v => (v - x.Average()) * (v - x.Average()));
    });

    [Theory]
    [InlineData((int)Topology.Hypercube)]
    [InlineData((int)Topology.Exponential)]
    public void Eight_nodes_agree_exactly_after_three_rounds(int topology)
    {
        VirtualCluster cluster = Cluster(8, new() { Topology = (Topology)topology });
        for (int round = 1; round <= 3; round++)
        {
            Assert.NotEqual(0, V(cluster, 8));
            Assert.All(Round(cluster, 8), r => Assert.Equal(UpdateOutcome.Averaged, r.Outcome));
        }

        for (int i = 0; i < 8; i++)
            Assert.Equal([3.5f, 14, 31.5f], cluster.Model(i).Values().ToArray());
    }

    [Fact]
    public void With_local_steps_between_no_dimension_is_skipped()
    {
        VirtualCluster cluster = Cluster(8, new() { Topology = Topology.Hypercube, ExchangeEvery = 3 });
        for (int round = 1; round <= 9; round++)
            Assert.All(Round(cluster, 8), r => Assert.Equal(round % 3 == 0 ? UpdateOutcome.Averaged : UpdateOutcome.NotFetching, r.Outcome));
        Assert.Equal(0, V(cluster, 8));
    }

    [Fact]
    public void Everybody_mixes_with_the_partner_of_the_matching_and_the_one_left_over_with_nobody()
    {
        const int nodes = 7;
        VirtualCluster cluster = Cluster(nodes, new() { Topology = Topology.Matching });
        for (int round = 1; round <= 20; round++)
        {
            UpdateResult[] results = Round(cluster, nodes);
            Assert.Single(results, r => r.Outcome == UpdateOutcome.NotFetching);
            for (int i = 0; i < nodes; i++)
            {
                if (results[i].Peer is { } peer)
                    Assert.Equal($"w{i}", results[int.Parse(peer[1..])].Peer);
            }
        }
    }

    [Fact]
    public void On_a_ring_neighbours_mix_and_a_dead_one_is_replaced()
    {
        VirtualCluster cluster = Cluster(6, new() { Topology = Topology.Ring });
        Assert.Equal(["w5", "w2", "w1", "w4", "w3", "w0"], Round(cluster, 6).Select(r => r.Peer));
        cluster.Kill(1);
        cluster.UpdateSend(0, 1);
        UpdateResult result = cluster.UpdateWait(0, 1);
        Assert.Equal(UpdateOutcome.Averaged, result.Outcome);
        Assert.NotEqual("w1", result.Peer);
    }

    [Fact]
    public void On_a_graph_only_neighbours_mix()
    {
        VirtualCluster cluster = Cluster(4, new() { Topology = Topology.Graph, Graph = [new("w0", "w1"), new("w1", "w2"), new("w2", "w3")] });
        var used = new HashSet<(int, string)>();
        for (int round = 1; round <= 50; round++)
            used.UnionWith(Round(cluster, 4).Select((r, i) => (i, r.Peer!)));
        Assert.Equal([(0, "w1"), (1, "w0"), (1, "w2"), (2, "w1"), (2, "w3"), (3, "w2")], used.Order());
        Assert.InRange(V(cluster, 4), 0, 1e-3);
    }
}
