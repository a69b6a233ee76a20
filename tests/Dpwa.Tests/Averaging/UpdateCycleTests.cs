using Dpwa.Simulation;

namespace Dpwa.Tests.Averaging;

/// <summary>The cycle of UpdateSend and UpdateWait, by the production state machines on virtual time.</summary>
public class UpdateCycleTests
{
    private static DpwaOptions Options(int nodes = 2) => new()
    {
        Nodes = [.. Enumerable.Range(0, nodes).Select(i => new DpwaNode($"w{i + 1}", "virtual", 45000 + i))],
    };

    private static VirtualCluster Cluster(DpwaOptions options, int length = 4, int seed = 1)
    {
        var cluster = new VirtualCluster(options, ParameterLayout.Flat(length), seed);
        for (int i = 0; i < options.Nodes.Count; i++)
            cluster.Model(i).Values().Fill(i);
        return cluster;
    }

    [Fact]
    public void Half_of_the_peer_is_mixed_in_and_the_peer_is_untouched()
    {
        VirtualCluster cluster = Cluster(Options());
        cluster.UpdateSend(1, 1);
        cluster.UpdateSend(0, 1);

        UpdateResult result = cluster.UpdateWait(0, 1);

        Assert.Equal((UpdateOutcome.Averaged, "w2", 0.5), (result.Outcome, result.Peer, result.Factor));
        Assert.Equal([0.5f, 0.5f, 0.5f, 0.5f], cluster.Model(0).Values().ToArray());
        Assert.Equal([1f, 1f, 1f, 1f], cluster.Model(1).Values().ToArray());
    }

    [Fact]
    public void The_clock_advances_before_publishing_and_is_averaged_with_the_same_factor()
    {
        VirtualCluster cluster = Cluster(Options() with { Interpolation = "clock", FetchProbability = 1 });
        for (int i = 0; i < 3; i++)
            cluster.UpdateSend(1, 1);
        cluster.UpdateSend(0, 1);
        Assert.Equal((1, 3), (cluster.Node(0).Clock, cluster.Node(1).Clock));

        UpdateResult result = cluster.UpdateWait(0, 1);

        Assert.Equal((0.75, 3), (result.Factor, result.PeerClock));
        Assert.Equal(0.75 * 3 + 0.25 * 1, cluster.Node(0).Clock);
    }

    [Fact]
    public void The_loss_travels_with_the_parameters_and_decides_the_factor()
    {
        VirtualCluster cluster = Cluster(Options() with { Interpolation = "loss" });
        cluster.UpdateSend(1, loss: 1);
        cluster.UpdateSend(0, loss: 7);

        UpdateResult result = cluster.UpdateWait(0, loss: 3);

        Assert.Equal((0.75, 1), (result.Factor, result.PeerLoss));
        Assert.Equal(0.75f, cluster.Model(0).Values()[0]);
    }

    [Fact]
    public void Below_the_threshold_less_of_the_peer_is_taken()
    {
        VirtualCluster cluster = Cluster(Options() with { DivergenceThreshold = 2 });
        cluster.UpdateSend(1, 1);
        cluster.UpdateSend(0, 1);
        Assert.Equal(0.25, cluster.UpdateWait(0, loss: 1).Factor);
    }

    [Fact]
    public void In_parameters_form_half_of_the_step_trained_meanwhile_is_lost_and_in_delta_form_none()
    {
        foreach ((ApplyForm form, float expected) in new[] { (ApplyForm.Parameters, 0.5f * (0 + 8) + 0.5f), (ApplyForm.Delta, 8 + 0.5f * (1 - 0)) })
        {
            VirtualCluster cluster = Cluster(Options() with { Apply = form });
            cluster.UpdateSend(1, 1);
            cluster.UpdateSend(0, 1);
            foreach (ref float value in cluster.Model(0).Values())
                value += 8;
            cluster.UpdateWait(0, 1);
            Assert.Equal(expected, cluster.Model(0).Values()[0]);
        }
    }

    [Fact]
    public void One_published_snapshot_shifts_the_model_once_so_that_steps_which_could_not_publish_do_not_run_away()
    {
        VirtualCluster cluster = Cluster(Options() with { Apply = ApplyForm.Delta });
        cluster.Model(1).Values().Fill(1);
        cluster.UpdateSend(1, 1);
        cluster.UpdateSend(0, 1);
        cluster.UpdateWait(0, 1);
        cluster.Model(0).Values()[3] = float.NaN;
        for (int i = 0; i < 5; i++)
        {
            Assert.False(cluster.UpdateSend(0, 1));
            cluster.UpdateWait(0, 1);
        }

        // In the delta form against the first snapshot it would be 3 by now.
        Assert.InRange(cluster.Model(0).Values()[0], 0.5f, 1f);
    }

    [Fact]
    public void What_a_custom_factor_method_throws_rejects_the_exchange_and_leaves_nobody_waiting()
    {
        VirtualCluster cluster = Cluster(Options() with { Interpolation = "throws", Extensions = DpwaExtensions.None.Add(new Throwing()) });
        cluster.UpdateSend(1, 1);
        cluster.UpdateSend(0, 1);
        UpdateResult result = cluster.UpdateWait(0, 1);
        Assert.Equal(UpdateOutcome.Rejected, result.Outcome);
        Assert.Contains("out of order", result.Reason, StringComparison.Ordinal);
    }

    /// <summary>PEERS: "BatchNorm statistics stay apart".</summary>
    [Fact]
    public void Statistics_are_mixed_in_the_convex_form_even_where_parameters_are_shifted()
    {
        var layout = new ParameterLayout([
            new("weight", [3], ElementType.Float32, TensorKind.Parameter),
            new("running_var", [3], ElementType.Float32, TensorKind.Statistic)]);
        var cluster = new VirtualCluster(Options() with { Apply = ApplyForm.Delta }, layout, seed: 1);
        cluster.Model(0).Values(1).Fill(4);
        cluster.UpdateSend(1, 1);
        cluster.UpdateSend(0, 1);
        cluster.Model(0).Values(0).Fill(1);
        cluster.Model(0).Values(1).Fill(1);

        cluster.UpdateWait(0, 1);

        // The delta form would give 1 + ½·(0 − 4) = −1, a negative variance.
        Assert.Equal(0.5f, cluster.Model(0).Values(1)[0]);
        Assert.Equal(1f, cluster.Model(0).Values(0)[0]);
    }

    [Fact]
    public void Without_a_send_nothing_is_fetched()
    {
        VirtualCluster cluster = Cluster(Options());
        Assert.Equal(UpdateOutcome.NotFetching, cluster.UpdateWait(0, 1).Outcome);
    }

    [Fact]
    public void A_step_that_is_not_drawn_fetches_nothing_and_the_share_drawn_is_the_probability()
    {
        VirtualCluster cluster = Cluster(Options() with { FetchProbability = 0.25 });
        cluster.UpdateSend(1, 1);
        int fetched = 0;
        const int steps = 2000;
        for (int i = 0; i < steps; i++)
        {
            cluster.UpdateSend(0, 1);
            fetched += cluster.UpdateWait(0, 1).Outcome == UpdateOutcome.Averaged ? 1 : 0;
        }

        // Six standard deviations of a binomial.
        double deviation = Math.Sqrt(steps * 0.25 * 0.75);
        Assert.InRange(fetched, steps * 0.25 - 6 * deviation, steps * 0.25 + 6 * deviation);
    }

    [Fact]
    public void A_second_send_replaces_what_is_published_and_keeps_the_fetch()
    {
        VirtualCluster cluster = Cluster(Options());
        cluster.UpdateSend(1, 1);
        cluster.UpdateSend(0, 1);
        cluster.Model(0).Values().Fill(5);
        cluster.UpdateSend(0, 1);
        Assert.Equal(2UL, cluster.Node(0).Published!.Sequence);
        Assert.Equal(UpdateOutcome.Averaged, cluster.UpdateWait(0, 1).Outcome);
        Assert.Equal(3f, cluster.Model(0).Values()[0]);
    }

    [Fact]
    public void A_negative_loss_is_refused_where_the_loss_decides_and_is_fine_elsewhere()
    {
        VirtualCluster deciding = Cluster(Options() with { Interpolation = "loss" });
        Assert.Throws<ArgumentOutOfRangeException>(() => deciding.UpdateSend(0, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => deciding.UpdateSend(0, double.NaN));
        Assert.Equal(0, deciding.Node(0).Clock);

        VirtualCluster other = Cluster(Options());
        other.UpdateSend(1, -1);
        other.UpdateSend(0, double.NegativeInfinity);
        Assert.Equal(UpdateOutcome.Averaged, other.UpdateWait(0, -5).Outcome);
    }

    [Fact]
    public void A_value_that_is_not_finite_is_never_published()
    {
        VirtualCluster cluster = Cluster(Options());
        cluster.UpdateSend(1, 1);
        cluster.Model(1).Values()[2] = float.NaN;
        Assert.False(cluster.UpdateSend(1, 1));
        cluster.UpdateSend(0, 1);
        UpdateResult result = cluster.UpdateWait(0, 1);
        Assert.Equal(UpdateOutcome.Averaged, result.Outcome);
        Assert.Equal(1, result.PeerClock);
        Assert.Equal([0.5f, 0.5f, 0.5f, 0.5f], cluster.Model(0).Values().ToArray());
    }

    [Fact]
    public void A_worker_alone_trains_as_if_there_were_no_cluster()
    {
        VirtualCluster cluster = Cluster(Options(nodes: 1));
        cluster.UpdateSend(0, 1);
        UpdateResult result = cluster.UpdateWait(0, 1);
        Assert.Equal((UpdateOutcome.NoPeer, TimeSpan.Zero), (result.Outcome, result.Waited));
        Assert.Contains("no peer", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_factor_method_that_leaves_the_interval_rejects_the_exchange_and_changes_nothing()
    {
        var extensions = DpwaExtensions.None.Add(new Wild());
        VirtualCluster cluster = Cluster(Options() with { Interpolation = "wild", Extensions = extensions });
        cluster.UpdateSend(1, 1);
        cluster.UpdateSend(0, 1);
        UpdateResult result = cluster.UpdateWait(0, 1);
        Assert.Equal(UpdateOutcome.Rejected, result.Outcome);
        Assert.Equal([0f, 0f, 0f, 0f], cluster.Model(0).Values().ToArray());
        Assert.False(cluster.Node(1).Published!.IsLeased);
    }

    /// <summary>T3 of METHODS.md: everyone pulls at once from a random peer, a = ½: E[V′] = (N−2)(2N−3)/(4(N−1)²)·V.</summary>
    [Fact]
    public void T3_simultaneous_pulls_shrink_the_consensus_distance_as_predicted()
    {
        const int n = 8, length = 64, rounds = 400;
        VirtualCluster cluster = Cluster(Options(n), length, seed: 7);
        var random = new Random(11);
        var ratios = new List<double>();
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < n; i++)
            {
                foreach (ref float value in cluster.Model(i).Values())
                    value = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
            }

            double before = Distance(cluster, n, length);
            for (int i = 0; i < n; i++)
                cluster.UpdateSend(i, 1);
            for (int i = 0; i < n; i++)
                Assert.Equal(UpdateOutcome.Averaged, cluster.UpdateWait(i, 1).Outcome);
            ratios.Add(Distance(cluster, n, length) / before);
        }

        double mean = ratios.Average();
        double error = Math.Sqrt(ratios.Select(r => (r - mean) * (r - mean)).Sum() / (rounds - 1) / rounds);
        double predicted = (n - 2) * (2 * n - 3) / (4.0 * (n - 1) * (n - 1));
        Assert.InRange(mean, predicted - 4 * error, predicted + 4 * error);
        Assert.True(error < 0.01, $"the test says little: standard error {error}");
    }

    private static double Distance(VirtualCluster cluster, int n, int length)
    {
        double sum = 0;
        for (int d = 0; d < length; d++)
        {
            double mean = Enumerable.Range(0, n).Average(i => (double)cluster.Model(i).Values()[d]);
            sum += Enumerable.Range(0, n).Sum(i => Math.Pow(cluster.Model(i).Values()[d] - mean, 2));
        }

        return sum;
    }

    private sealed class Throwing : Dpwa.Averaging.IFactorMethod
    {
        public string Name => "throws";
        public bool UsesLoss => false;
        public double Factor(in Dpwa.Averaging.FactorContext context) => throw new InvalidOperationException("out of order");
    }

    private sealed class Wild : Dpwa.Averaging.IFactorMethod
    {
        public string Name => "wild";
        public bool UsesLoss => false;
        public double Factor(in Dpwa.Averaging.FactorContext context) => 1.5;
    }
}
