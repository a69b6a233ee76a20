using Dpwa.Simulation;
using Dpwa.Simulation.Network;

namespace Dpwa.Tests.Simulation;

/// <summary>What is between the nodes, and what they make of it.</summary>
public class VirtualNetworkTests
{
    private static readonly DpwaOptions Pair = new DpwaOptions().Nodes(2);

    [Fact]
    public void However_latencies_vary_messages_of_a_connection_arrive_in_order()
    {
        // A message that overtook another would be one that was not asked for, and end the connection.
        VirtualCluster cluster = Cluster(new() { Latency = DelayDistribution.LogNormal(TimeSpan.FromMilliseconds(1), 2) });
        for (int step = 0; step < 200; step++)
        {
            cluster.UpdateSend(1, 1);
            cluster.UpdateSend(0, 1);
            Assert.Equal(UpdateOutcome.Averaged, cluster.UpdateWait(0, 1).Outcome);
        }

        Assert.Equal(0, cluster.Node(0).Peers(cluster.Now)[0].Failures);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    public void A_body_takes_its_length_by_the_bandwidth_and_moves_meanwhile(int milliseconds)
    {
        // Ten seconds are four time-outs: only progress that is seen keeps the exchange alive.
        const int values = 1_000_000;
        VirtualCluster cluster = Cluster(new() { BytesPerSecond = RateDistribution.Constant(values * sizeof(float) / (double)milliseconds) }, values);
        cluster.UpdateSend(1, 1);
        cluster.UpdateSend(0, 1);
        UpdateResult result = cluster.UpdateWait(0, 1);
        Assert.Equal(UpdateOutcome.Averaged, result.Outcome);
        Assert.InRange(result.Waited.TotalSeconds, milliseconds, milliseconds + 0.1);
    }

    [Fact]
    public void Who_is_asked_by_many_sends_to_one_after_the_other()
    {
        // Only the first node has published, so all others end up with it: a second each, on its link of a model a second.
        const int values = 1_000_000;
        var network = new VirtualNetworkSettings { BytesPerSecond = RateDistribution.Constant(values * sizeof(float)) };
        var cluster = new VirtualCluster(new DpwaOptions().Nodes(4), ParameterLayout.Flat(values), seed: 1, network);
        cluster.UpdateSend(0, 1);
        var done = new List<TimeSpan>();
        for (int i = 1; i < 4; i++)
        {
            cluster.Model(i).Values()[0] = float.NaN;
            Assert.False(cluster.UpdateSend(i, 1));
            cluster.UpdateWait(i, 1, result =>
            {
                Assert.Equal("w1", result.Peer);
                done.Add(cluster.Now);
            });
        }

        cluster.Run(TimeSpan.FromSeconds(20));
        Assert.Equal(3, done.Count);
        Assert.All(done.Zip(done.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(1.1)));
    }

    [Fact]
    public void Exchanges_take_as_long_as_the_slower_link_of_the_two()
    {
        const int values = 100_000;
        const int nodes = 12;
        const int seed = 3;
        RateDistribution rates = RateDistribution.LogNormal(values * sizeof(float), 1);
        double[] takes = [.. Enumerable.Range(0, nodes).Select(node => values * sizeof(float) / rates.Of(node, seed))];
        Assert.True(takes.Max() > 3 * takes.Min(), $"from {takes.Min()} to {takes.Max()} s");
        DpwaOptions options = new DpwaOptions { Timeout = TimeSpan.FromSeconds(60) }.Nodes(nodes);
        for (int i = 1; i < nodes; i++)
        {
            // Only the first node has published.
            var cluster = new VirtualCluster(options, ParameterLayout.Flat(values), seed, new VirtualNetworkSettings { BytesPerSecond = rates });
            cluster.UpdateSend(0, 1);
            cluster.Model(i).Values()[0] = float.NaN;
            cluster.UpdateSend(i, 1);
            UpdateResult result = cluster.UpdateWait(i, 1);
            Assert.Equal("w1", result.Peer);
            Assert.Equal(Math.Max(takes[0], takes[i]), result.Waited.TotalSeconds, 0.1);
        }
    }

    [Fact]
    public void Rates_are_distributed_as_they_say_and_belong_to_seed_and_node()
    {
        double[] uniform = Rates(RateDistribution.Uniform(2, 4));
        Assert.True(uniform.Min() >= 2 && uniform.Max() <= 4);
        Estimate.AgreesWith(3, uniform, sharpness: 0.05);
        Estimate.AgreesWith(Math.Log(8), [.. Rates(RateDistribution.LogNormal(8, 0.5)).Select(rate => Math.Log(rate))], sharpness: 0.05);
        Assert.All(Rates(RateDistribution.Constant(7)), rate => Assert.Equal(7, rate));
        Assert.Equal(uniform, Rates(RateDistribution.Uniform(2, 4)));
        Assert.NotEqual(uniform[0], RateDistribution.Uniform(2, 4).Of(0, seed: 2));

        static double[] Rates(RateDistribution rates) => [.. Enumerable.Range(0, 1000).Select(node => rates.Of(node, seed: 1))];
    }

    [Fact]
    public void A_rate_is_more_than_0()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => RateDistribution.Constant(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => RateDistribution.Uniform(2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => RateDistribution.LogNormal(1, 6));
    }

    [Fact]
    public void A_partition_is_told_by_time_outs_and_is_over_in_the_end()
    {
        VirtualCluster cluster = Cluster(new() { Partitions = [new(0, 0, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60))] });
        Assert.Equal(UpdateOutcome.Averaged, Step(cluster).Outcome);
        cluster.Run(TimeSpan.FromSeconds(6));
        UpdateResult within = Step(cluster);
        Assert.Equal(UpdateOutcome.TimedOut, within.Outcome);
        Assert.InRange(within.Waited, TimeSpan.FromSeconds(1), Pair.Timeout);
        cluster.Run(TimeSpan.FromSeconds(120));
        Assert.Equal(UpdateOutcome.Averaged, Step(cluster).Outcome);
    }

    [Fact]
    public void A_pair_that_fails_in_a_round_is_refused_and_its_open_connection_breaks()
    {
        VirtualCluster cluster = Cluster(new() { FailureRate = 0.3 });
        var failed = new List<bool>();
        for (int round = 0; round < 400; round++)
        {
            failed.Add(Step(cluster).Outcome != UpdateOutcome.Averaged);
            cluster.Run(TimeSpan.FromSeconds(round + 1) - cluster.Now);
        }

        // It is not asked again before its back-off is over, so a little more than the rate.
        Assert.InRange(failed.Count(f => f) / 400.0, 0.22, 0.5);
        Assert.True(cluster.Now < TimeSpan.FromSeconds(401), "nobody waits for a time-out");
    }

    [Fact]
    public void Which_pairs_fail_depends_on_the_seed_the_pair_and_the_round_alone()
    {
        bool[] first = Failed(seed: 1, round: 0);
        Assert.InRange(first.Count(f => f), 30, 100);
        Assert.Equal(first, Failed(seed: 1, round: 0));
        Assert.Equal(first, Failed(seed: 1, round: 0.99));
        Assert.NotEqual(first, Failed(seed: 1, round: 1));
        Assert.NotEqual(first, Failed(seed: 2, round: 0));

        // All pairs of 36 nodes, asked from either end after a draw of other chance.
        static bool[] Failed(int seed, double round)
        {
            var network = new VirtualNetwork(new() { FailureRate = 0.1, Latency = DelayDistribution.LogNormal(TimeSpan.FromSeconds(1), 1) }, 36, seed);
            var failed = new List<bool>();
            for (int a = 0; a < 36; a++)
            {
                for (int b = 0; b < a; b++)
                {
                    failed.Add(network.HasFailed(a, b, TimeSpan.FromSeconds(round)));
                    network.Latency();
                    Assert.Equal(failed[^1], network.HasFailed(b, a, TimeSpan.FromSeconds(round)));
                }
            }

            return [.. failed];
        }
    }

    [Fact]
    public void Failures_are_the_same_for_the_same_seed()
    {
        var settings = new VirtualNetworkSettings { FailureRate = 0.1 };
        Assert.Equal(Failures(settings, seed: 1), Failures(settings, seed: 1));
        Assert.NotEqual(Failures(settings, seed: 1), Failures(settings, seed: 2));

        static string Failures(VirtualNetworkSettings settings, int seed)
        {
            VirtualCluster cluster = new(Pair, ParameterLayout.Flat(4), seed, settings);
            var outcomes = new List<UpdateOutcome>();
            for (int round = 0; round < 50; round++)
            {
                outcomes.Add(Step(cluster).Outcome);
                cluster.Run(TimeSpan.FromSeconds(round + 1) - cluster.Now);
            }

            return string.Join(' ', outcomes);
        }
    }

    [Fact]
    public void A_lost_message_costs_a_time_out()
    {
        VirtualCluster cluster = Cluster(new() { MessageLoss = 1 });
        UpdateResult result = Step(cluster);
        Assert.NotEqual(UpdateOutcome.Averaged, result.Outcome);
        Assert.True(result.Waited > 0.9 * Pair.Timeout, $"waited {result.Waited}");
    }

    [Fact]
    public void What_happens_at_one_instant_happens_by_phases()
    {
        VirtualCluster cluster = Cluster(new());
        var order = new List<EventPhase>();
        foreach (EventPhase phase in new[] { EventPhase.Send, EventPhase.Between, EventPhase.Wait, EventPhase.Network })
            cluster.At(TimeSpan.FromSeconds(1), phase, () => order.Add(phase));
        cluster.Run(TimeSpan.FromSeconds(2));
        Assert.Equal([EventPhase.Network, EventPhase.Wait, EventPhase.Between, EventPhase.Send], order);
    }

    [Fact]
    public void Latencies_are_distributed_as_they_say()
    {
        foreach ((DelayDistribution latency, double least, double mean) in new[]
        {
            (DelayDistribution.Uniform(TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(4)), 2.0, 3.0),
            (DelayDistribution.LogNormal(TimeSpan.FromMilliseconds(2), 0.5), 0.0, 2 * Math.Exp(0.125)),
        })
        {
            var waits = new List<double>();
            VirtualCluster cluster = Cluster(new() { Latency = latency });
            for (int i = 0; i < 500; i++)
            {
                // Once connected, an exchange is two messages, there and back; the server is free again when it knows that the answer has left.
                UpdateResult result = Step(cluster);
                cluster.Run(TimeSpan.FromMilliseconds(100));
                if (i > 0)
                    waits.Add(result.Waited.TotalMilliseconds / 2);
            }

            Assert.True(waits.Min() >= least);
            Estimate.AgreesWith(mean, waits);
            Assert.Equal(mean, latency.Mean.TotalMilliseconds, 0.001);
        }
    }

    private static VirtualCluster Cluster(VirtualNetworkSettings network, int values = 4) => new(Pair, ParameterLayout.Flat(values), seed: 1, network);

    private static UpdateResult Step(VirtualCluster cluster)
    {
        cluster.UpdateSend(1, 1);
        cluster.UpdateSend(0, 1);
        UpdateResult result = cluster.UpdateWait(0, 1);
        cluster.UpdateWait(1, 1);
        return result;
    }
}
