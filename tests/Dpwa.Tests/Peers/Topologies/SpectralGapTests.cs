using Dpwa.Peers.Topologies;

namespace Dpwa.Tests.Peers.Topologies;

/// <summary>The rates that METHODS.md predicts: (1 − gap)² is the factor of V a round.</summary>
public sealed class SpectralGapTests
{
    private static DpwaOptions Nodes(int count, Topology topology) =>
        new() { Topology = topology, Nodes = [.. Enumerable.Range(0, count).Select(i => new DpwaNode($"w{i}", "localhost", 1 + i))] };

    private static DpwaOptions Graph(int count, IEnumerable<(int A, int B)> edges) =>
        Nodes(count, Topology.Graph) with { Graph = [.. edges.Select(e => new GraphEdge($"w{e.A}", $"w{e.B}"))] };

    private static IEnumerable<(int, int)> Complete(int count) => Enumerable.Range(0, count).SelectMany(i => Enumerable.Range(0, i).Select(j => (i, j)));

    private static double FactorOfV(DpwaOptions options) => Math.Pow(1 - SpectralGap.Of(options)!.Gap, 2);

    /// <summary>T2: (N−2)/(2(N−1)).</summary>
    [Theory]
    [InlineData(8)]
    [InlineData(10_000)]
    public void Of_a_matching_it_is_as_predicted(int n) => Assert.Equal((n - 2) / (2.0 * (n - 1)), FactorOfV(Nodes(n, Topology.Matching)), 10);

    /// <summary>T3, E[V′] = (N−2)(2N−3)/(4(N−1)²)·V, is smaller by the drift of the mean, (N−2)/(4(N−1)²).</summary>
    [Theory]
    [InlineData(8)]
    [InlineData(10_000)]
    public void Of_random_peers_it_is_as_predicted_but_for_the_drift_of_the_mean(int n) =>
        Assert.Equal((n - 2) * (2.0 * n - 3) / (4.0 * (n - 1) * (n - 1)) + (n - 2) / (4.0 * (n - 1) * (n - 1)), FactorOfV(Nodes(n, Topology.Random)), 10);

    [Fact]
    public void Where_a_round_shrinks_V_by_the_prediction_so_do_drawn_matchings()
    {
        const int n = 7, rounds = 20_000;
        ISchedule schedule = Schedules.Of(Nodes(n, Topology.Matching))!;
        var random = new Random(1);
        double sum = 0;
        for (long round = 1; round <= rounds; round++)
        {
            double[] x = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble() - 0.5)];
            double[] mixed = [.. x.Select((v, i) => schedule.Partner(round, i, n) is var j and >= 0 ? 0.75 * v + 0.25 * x[j] : v)];
            sum += V(mixed) / V(x);
        }

        Assert.Equal(FactorOfV(Nodes(n, Topology.Matching) with { ConstantValue = 0.25 }), sum / rounds, 2);
    }

    /// <summary>T5: V shrinks asymptotically by cos²(2π/N) a round.</summary>
    [Theory]
    [InlineData(6)]
    [InlineData(8)]
    [InlineData(100)]
    [InlineData(10_000)]
    public void Of_a_ring_it_is_as_predicted(int n)
    {
        SpectralGap gap = SpectralGap.Of(Nodes(n, Topology.Ring))!;
        Assert.Equal(1, gap.Gap / (1 - Math.Cos(2 * Math.PI / n)), 3);
        Assert.Null(gap.ExactAfter);
    }

    /// <summary>The modes of five are ±i/2, of three −½: by hand, from the map of one round in the numbering that moves along.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void Of_a_small_odd_ring_it_is_a_half(int n) => Assert.Equal(0.5, SpectralGap.Of(Nodes(n, Topology.Ring))!.Gap, 3);

    [Fact]
    public void Of_a_large_odd_ring_it_is_that_of_its_even_neighbours() =>
        Assert.Equal(1, SpectralGap.Of(Nodes(9999, Topology.Ring))!.Gap / (1 - Math.Cos(2 * Math.PI / 9999)), 2);

    /// <summary>T4 and T6: the exact mean after log2 N rounds.</summary>
    [Theory]
    [InlineData(8, 3)]
    [InlineData(2, 1)]
    [InlineData(4096, 12)]
    public void On_a_power_of_two_hypercube_and_exponential_graph_are_exact(int n, int rounds)
    {
        Assert.Equal(new SpectralGap(1, rounds, IsBound: false), SpectralGap.Of(Nodes(n, Topology.Hypercube)));
        Assert.Equal(new SpectralGap(1, rounds, IsBound: false), SpectralGap.Of(Nodes(n, Topology.Exponential)));
    }

    [Fact]
    public void A_ring_of_four_is_a_hypercube() => Assert.Equal(new SpectralGap(1, 2, IsBound: false), SpectralGap.Of(Nodes(4, Topology.Ring)));

    /// <summary>T4: not for N = 12. A circulant's modes are ω^j, so the rate is the largest |Π_k (1 + ω^(j·2^k))/2|^(1/4).</summary>
    [Theory]
    [InlineData(12)]
    [InlineData(10_000)]
    public void On_another_number_the_exponential_graph_is_not_exact(int n)
    {
        int rounds = Schedules.Dimensions(n);
        double slowest = Enumerable.Range(1, n - 1).Max(j => Enumerable.Range(0, rounds).Aggregate(1.0, (product, k) => product * Math.Abs(Math.Cos(Math.PI * j * (1 << k) / n))));
        SpectralGap gap = SpectralGap.Of(Nodes(n, Topology.Exponential))!;
        Assert.Null(gap.ExactAfter);
        Assert.Equal(1 - Math.Pow(slowest, 1.0 / rounds), gap.Gap, 2);
    }

    /// <summary>A mode of dimension k is multiplied by 1 − 2a once in log2 N rounds.</summary>
    [Fact]
    public void With_another_factor_nothing_is_exact() =>
        Assert.Equal(1 - Math.Pow(0.5, 1 / 3.0), SpectralGap.Of(Nodes(8, Topology.Hypercube) with { ConstantValue = 0.25 })!.Gap, 3);

    [Fact]
    public void A_coordinate_that_seldom_moves_agrees_slowly()
    {
        double whole = FactorOfV(Nodes(100, Topology.Random));
        Assert.Equal(1 - 0.1 * (1 - whole), FactorOfV(Nodes(100, Topology.Random) with { Subset = 0.1 }), 12);
        Assert.Equal(1 - 0.1 * (1 - whole), FactorOfV(Nodes(100, Topology.Random) with { FetchProbability = 0.1 }), 12);
    }

    [Theory]
    [InlineData((int)Topology.Random, 0)]
    [InlineData((int)Topology.Hypercube, 0)]
    [InlineData((int)Topology.Hypercube, 1)]
    [InlineData((int)Topology.Ring, 1)]
    public void Who_takes_nothing_or_everything_never_agrees(int topology, double factor)
    {
        SpectralGap gap = SpectralGap.Of(Nodes(8, (Topology)topology) with { ConstantValue = factor })!;
        Assert.Equal((0, double.PositiveInfinity, false), (gap.Gap, gap.RoundsToHalve, gap.IsBound));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(40)]
    public void The_complete_graph_is_random(int n)
    {
        SpectralGap graph = SpectralGap.Of(Graph(n, Complete(n)))!, random = SpectralGap.Of(Nodes(n, Topology.Random))!;
        Assert.Equal(random.Gap, graph.Gap, 6);
        Assert.Equal(random.ExactAfter, graph.ExactAfter);
    }

    /// <summary>The walk on a cycle of N has the eigenvalues cos(2πj/N), that on a star 0 and −1, so V shrinks by (1 + λ)/2.</summary>
    [Fact]
    public void Of_graphs_with_known_walks_it_follows_from_those()
    {
        DpwaOptions cycle = Graph(20, Enumerable.Range(0, 20).Select(i => (i, (i + 1) % 20)));
        DpwaOptions star = Graph(20, Enumerable.Range(1, 19).Select(i => (0, i)));
        Assert.Equal((1 + Math.Cos(2 * Math.PI / 20)) / 2, FactorOfV(cycle), 5);
        Assert.Equal(0.5, FactorOfV(star), 4);
    }

    [Fact]
    public void Of_a_large_slow_graph_it_is_a_bound()
    {
        // A path numbered in no order: neither start is near its slowest mode.
        const int n = 10_000;
        DpwaOptions path = Graph(n, Enumerable.Range(0, n - 1).Select(i => (i * 7919 % n, (i + 1) * 7919 % n)));
        SpectralGap gap = SpectralGap.Of(path)!;
        Assert.True(gap.IsBound);
        Assert.InRange(gap.Gap, 0, 0.01);
    }

    [Fact]
    public void The_rounds_to_halve_follow_from_it() => Assert.Equal(2, new SpectralGap(1 - Math.Sqrt(0.5), null, false).RoundsToHalve, 12);

    [Fact]
    public void Where_it_does_not_follow_from_the_topology_there_is_none()
    {
        Assert.Null(SpectralGap.Of(Nodes(1, Topology.Random)));
        Assert.Null(SpectralGap.Of(Nodes(8, Topology.Random) with { Selector = "mine" }));
        Assert.Null(SpectralGap.Of(Nodes(8, Topology.Matching) with { Outer = new() }));
    }

    private static double V(double[] x)
    {
        double mean = x.Average();
        return x.Sum(v => (v - mean) * (v - mean));
    }
}
