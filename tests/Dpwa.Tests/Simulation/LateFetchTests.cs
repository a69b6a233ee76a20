using Dpwa.Simulation;
using Dpwa.Simulation.Runs;

namespace Dpwa.Tests.Simulation;

/// <summary><c>late_fetch: skip</c> on a network so slow that a fetch takes some steps: what is mixed, and what every method makes of it.</summary>
public class LateFetchTests
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private static readonly DpwaOptions Skipping = new() { Timeout = TimeSpan.FromSeconds(20), LateFetch = LateFetch.Skip };

    /// <summary>Connecting takes two messages and a fetch two more: of 0.9 s each.</summary>
    private static VirtualCluster Cluster(DpwaOptions options, int nodes = 2, double latency = 0.9, ParameterLayout? layout = null, int seed = 1)
    {
        var cluster = new VirtualCluster(options.Nodes(nodes), layout ?? ParameterLayout.Flat(4), seed, TimeSpan.FromSeconds(latency));
        for (int i = 0; i < nodes; i++)
            cluster.Model(i).Values().Fill(i);
        return cluster;
    }

    /// <summary>One step of node 0, in which it trains by 8.</summary>
    private static UpdateResult Train(VirtualCluster cluster)
    {
        Assert.True(cluster.UpdateSend(0, 1));
        cluster.Run(Step);
        foreach (ref float value in cluster.Model(0).Values())
            value += 8;
        TimeSpan before = cluster.Now;
        UpdateResult result = cluster.UpdateWait(0, 1);
        Assert.Equal(before, cluster.Now);
        return result;
    }

    /// <summary>It asks at 1.8 s, in its second step, for which it has published 8.</summary>
    [Theory]
    [InlineData(ApplyForm.Delta, 32 + 0.5f * (1 - 8))]
    [InlineData(ApplyForm.Parameters, 0.5f * 32 + 0.5f * 1)]
    public void In_delta_form_every_step_that_was_trained_meanwhile_is_kept_whole(ApplyForm form, float expected)
    {
        VirtualCluster cluster = Cluster(Skipping with { Apply = form });
        cluster.UpdateSend(1, 1);
        for (int step = 0; step < 3; step++)
            Assert.Equal(UpdateOutcome.Late, Train(cluster).Outcome);
        UpdateResult result = Train(cluster);
        Assert.Equal(UpdateOutcome.Averaged, result.Outcome);
        Assert.Equal(expected, cluster.Model(0).Values()[0]);

        // It was sent when it was 2.7 s old, and what happened since it was asked for is 1.8 s and a wait of 0.4 s.
        Assert.Equal(1.8, result.Transfer.TotalSeconds, 1e-6);
        Assert.Equal(2.7 + 1.8 + 0.4, result.Age.TotalSeconds, 1e-6);
    }

    /// <summary>What was published before the late mix does not know of it. A difference to that, taken in a step that could not publish, would be the same difference once more.</summary>
    [Fact]
    public void What_was_published_before_a_late_mix_is_used_for_no_difference_after_it()
    {
        VirtualCluster cluster = Cluster(Skipping with { Apply = ApplyForm.Delta });
        cluster.UpdateSend(1, 1);
        for (int step = 0; step < 3; step++)
            Train(cluster);
        Assert.Equal(UpdateOutcome.Averaged, Train(cluster).Outcome);
        cluster.Model(0).Values().Fill(10);
        cluster.Model(0).Values()[3] = float.NaN;
        Assert.False(cluster.UpdateSend(0, 1));
        cluster.Run(2 * Step);
        Assert.Equal(UpdateOutcome.Averaged, cluster.UpdateWait(0, 1).Outcome);

        // In the convex form; the difference to the 24 that was published last would make it 10 + ½·(1 − 24).
        Assert.Equal(0.5f * 10 + 0.5f * 1, cluster.Model(0).Values()[0]);
    }

    [Fact]
    public void What_fails_while_it_is_late_is_told_once_and_the_step_after_fetches_again()
    {
        VirtualCluster cluster = Cluster(Skipping with { Timeout = TimeSpan.FromSeconds(3) });
        cluster.UpdateSend(1, 1);
        cluster.Freeze(1, true);
        var outcomes = new List<UpdateOutcome>();
        for (int step = 0; step < 5; step++)
            outcomes.Add(Train(cluster).Outcome);
        Assert.Equal([UpdateOutcome.Late, UpdateOutcome.Late, UpdateOutcome.TimedOut, UpdateOutcome.NoPeer, UpdateOutcome.NoPeer], outcomes);
        cluster.Freeze(1, false);
        cluster.Run(TimeSpan.FromMinutes(1));
        while (Train(cluster) is { Outcome: not UpdateOutcome.Averaged } result)
            Assert.Equal(UpdateOutcome.Late, result.Outcome);
    }

    [Theory]
    [InlineData(4.5, UpdateOutcome.Rejected)]
    [InlineData(5, UpdateOutcome.Averaged)]
    public void What_has_become_too_old_while_it_was_late_is_not_mixed_and_nothing_is_held_against_the_peer(double staleness, UpdateOutcome outcome)
    {
        VirtualCluster cluster = Cluster(Skipping with { MaxStaleness = TimeSpan.FromSeconds(staleness) });
        cluster.UpdateSend(1, 1);
        for (int step = 0; step < 3; step++)
            Assert.Equal(UpdateOutcome.Late, Train(cluster).Outcome);
        UpdateResult result = Train(cluster);
        Assert.Equal(outcome, result.Outcome);
        Assert.Equal(outcome == UpdateOutcome.Averaged ? 16.5f : 32, cluster.Model(0).Values()[0]);
        Assert.Equal((1L, 0L), (cluster.Node(0).Peers(cluster.Now)[0].Exchanges, cluster.Node(0).Peers(cluster.Now)[0].Failures));
        if (outcome == UpdateOutcome.Rejected)
            Assert.StartsWith("the parameters of w2 were late, and are 4.9 s old by now, more than max_staleness (4.5 s)", result.Reason, StringComparison.Ordinal);
        cluster.Run(TimeSpan.FromMinutes(1));
        Assert.False(cluster.Node(0).Published!.IsLeased || cluster.Node(1).Published!.IsLeased);
    }

    /// <summary>φ and θ̂ of both as they were published when it asked, θ as it is: m = 0.7·½((8 − 0) + (1 − 1)) + 0.6·½(1 − 0) = 3.1, φ = 3.1, θ = φ + (θ − θ̂_i).</summary>
    [Fact]
    public void An_outer_step_that_is_late_is_the_same_step_and_keeps_what_was_trained_meanwhile()
    {
        VirtualCluster cluster = Cluster(Skipping with { Apply = ApplyForm.Delta, Outer = new() });
        cluster.UpdateSend(1, 1);
        for (int step = 0; step < 3; step++)
            Assert.Equal(UpdateOutcome.Late, Train(cluster).Outcome);
        Assert.Equal(UpdateOutcome.Averaged, Train(cluster).Outcome);
        Assert.Equal(3.1f + (32 - 8), cluster.Model(0).Values()[0], 1e-5f);
    }

    [Fact]
    public void Within_a_long_step_nothing_is_late_and_everything_is_as_without()
    {
        foreach (ApplyForm form in Enum.GetValues<ApplyForm>())
        {
            ulong[] traces = [.. Enum.GetValues<LateFetch>().Select(late =>
            {
                VirtualCluster cluster = Cluster(Skipping with { LateFetch = late, Apply = form, Seed = 1 }, nodes: 4, latency: 0.1);
                Rounds(cluster, 4, 20, _ => { });
                return cluster.TraceHash;
            })];
            Assert.Equal(traces[0], traces[1]);
        }
    }

    private static DpwaOptions Method(string name) => name switch
    {
        "delta" => new() { Apply = ApplyForm.Delta },
        "swap of pairs" => GossipMethods.Options("ad-psgd") with { Topology = Topology.Matching },
        "subset" => new() { Subset = 0.5 },
        "noloco" => GossipMethods.Options(name) with { ExchangeEvery = 2 },
        _ => GossipMethods.Options(name),
    };

    /// <summary>Fetches take some two to six steps here. No step waits, nodes agree, and what each method conserves is conserved.</summary>
    [Theory]
    [InlineData("dpwa")]
    [InlineData("delta")]
    [InlineData("gossip-push")]
    [InlineData("gosgd")]
    [InlineData("ad-psgd")]
    [InlineData("swap of pairs")]
    [InlineData("elastic")]
    [InlineData("subset")]
    [InlineData("noloco")]
    public void Every_method_agrees_without_a_step_that_waits(string name)
    {
        const int nodes = 6;
        DpwaOptions method = Method(name);
        ParameterLayout layout = ParameterLayout.Flat(512);
        VirtualCluster cluster = Cluster(method with { LateFetch = LateFetch.Skip, Timeout = TimeSpan.FromSeconds(60), Seed = 3 }, nodes, latency: 0.6, layout, seed: 3);
        double before = Distance();
        int late = 0, averaged = 0;
        Rounds(cluster, nodes, 300, result =>
        {
            late += result.Outcome == UpdateOutcome.Late ? 1 : 0;
            averaged += result.Outcome == UpdateOutcome.Averaged ? 1 : 0;
            Assert.Equal(TimeSpan.Zero, result.Waited);
        });

        bool pushes = method.Exchange is ExchangeKind.Push or ExchangeKind.PushSum;
        Assert.True(pushes ? late == 0 : late > 100, $"{name}: {late} late");
        Assert.InRange(averaged, nodes * 20, nodes * 300);
        Assert.InRange(Distance() / before, 0, 1e-3);
        for (int i = 0; i < nodes; i++)
            Assert.InRange(cluster.Model(i).Values()[0], 0, nodes - 1);
        Drain(cluster, nodes);
        if (method.Exchange == ExchangeKind.PushSum)
            Assert.Equal(1, Enumerable.Range(0, nodes).Sum(i => cluster.Node(i).Weight), 12);
        Assert.All(Enumerable.Range(0, nodes), i => Assert.False(cluster.Node(i).Published!.IsLeased));

        double Distance()
        {
            double mean = Sum(cluster, nodes) / nodes;
            return Enumerable.Range(0, nodes).Sum(i => Math.Pow(cluster.Model(i).Values()[0] - mean, 2));
        }
    }

    /// <summary>Each swap moves both by opposite halves, however late one of them is; what is trained meanwhile comes on top. (Who has not sent all of the swap before, as while connections are being made or among
    /// more nodes, pulls instead.)</summary>
    [Fact]
    public void A_late_swap_conserves_the_sum()
    {
        VirtualCluster cluster = Cluster(Skipping with { Exchange = ExchangeKind.Swap, Apply = ApplyForm.Delta, Topology = Topology.Matching });
        Rounds(cluster, 2, 10, _ => { });
        Drain(cluster, 2);
        int pulls = 0;
        cluster.OnMessage = header =>
        {
            pulls += header is { Type: Dpwa.Protocol.MessageType.Fetch, Sequence: 0 } ? 1 : 0;
            return Delivery.Deliver;
        };
        double expected = Sum(cluster, 2);
        int late = 0, averaged = 0;
        for (int round = 0; round < 60; round++)
        {
            Rounds(cluster, 2, 1, result =>
            {
                late += result.Outcome == UpdateOutcome.Late ? 1 : 0;
                averaged += result.Outcome == UpdateOutcome.Averaged ? 1 : 0;
            });
            cluster.Model(round % 2).Values()[0] += 2;
            expected += 2;
        }

        Drain(cluster, 2);
        Assert.Equal(0, pulls);
        Assert.InRange(late, 20, 100);
        Assert.InRange(averaged, 20, 100);
        Assert.Equal(expected, Sum(cluster, 2), 1e-3);
        Assert.InRange(cluster.Model(0).Values()[0] - cluster.Model(1).Values()[0], -4, 4);
    }

    /// <summary>As <c>dpwa simulate</c> runs it.</summary>
    [Fact]
    public void In_simulations_a_slow_network_costs_agreement_and_no_steps()
    {
        SimulationSettings settings = Simulations.Of(new DpwaOptions { Timeout = TimeSpan.FromSeconds(60), Apply = ApplyForm.Delta }, nodes: 8, rounds: 60);
        settings = settings with { Network = new() { Latency = Dpwa.Simulation.Network.DelayDistribution.Constant(settings.StepTime * 0.9) } };
        RoundFigures waits = Simulator.Run(settings).Runs[0].Rounds[^1];
        RoundFigures skips = Simulator.Run(settings with { Options = settings.Options with { LateFetch = LateFetch.Skip } }).Runs[0].Rounds[^1];
        Assert.InRange(skips.Steps, 8 * 59, 8 * 60);
        Assert.InRange(waits.Steps, 1, 8 * 40);
        Assert.InRange(skips.ConsensusDistance, 0, Simulator.Run(settings).Runs[0].Rounds[0].ConsensusDistance / 100);
    }

    private static double Sum(VirtualCluster cluster, int nodes) => Enumerable.Range(0, nodes).Sum(i => (double)cluster.Model(i).Values()[0]);

    /// <summary>What is under way arrives and is mixed.</summary>
    private static void Drain(VirtualCluster cluster, int nodes)
    {
        cluster.Run(TimeSpan.FromMinutes(2));
        for (int i = 0; i < nodes; i++)
            cluster.UpdateWait(i, 1);
    }

    private static void Rounds(VirtualCluster cluster, int nodes, int rounds, Action<UpdateResult> then)
    {
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < nodes; i++)
                cluster.UpdateSend(i, 1);
            cluster.Run(Step);
            for (int i = 0; i < nodes; i++)
                then(cluster.UpdateWait(i, 1));
        }
    }
}
