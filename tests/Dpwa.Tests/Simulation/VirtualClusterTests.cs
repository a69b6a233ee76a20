using Dpwa.Simulation;

namespace Dpwa.Tests.Simulation;

/// <summary>The simulator's own promises; what the nodes do in it is tested elsewhere.</summary>
public class VirtualClusterTests
{
    private static readonly DpwaOptions Options = new()
    {
        Nodes = [.. Enumerable.Range(0, 3).Select(i => new DpwaNode($"w{i + 1}", "virtual", 45_000 + i))],
    };

    [Fact]
    public void Who_waited_may_begin_the_next_step_at_once()
    {
        VirtualCluster cluster = Cluster();
        cluster.UpdateSend(1, 1);
        cluster.UpdateSend(2, 1);
        var results = new List<UpdateResult>();
        Step();
        while (results.Count < 20)
            Assert.True(cluster.RunNext());

        Assert.All(results, r => Assert.Equal(UpdateOutcome.Averaged, r.Outcome));
        Assert.Equal(20, cluster.Node(0).Peers(cluster.Now).Sum(p => p.Exchanges));

        void Step()
        {
            cluster.UpdateSend(0, 1);
            cluster.UpdateWait(0, 1, result =>
            {
                results.Add(result);
                if (results.Count < 20)
                    Step();
            });
        }
    }

    [Fact]
    public void The_time_outs_of_a_frozen_node_wait_like_everything_of_it()
    {
        VirtualCluster cluster = Cluster();
        cluster.Freeze(1, true);
        cluster.Freeze(2, true);
        cluster.UpdateSend(0, 1);
        bool decided = false;
        cluster.UpdateWait(0, 1, _ => decided = true);
        cluster.Run(TimeSpan.FromMilliseconds(100));
        cluster.Freeze(0, true);
        cluster.Run(TimeSpan.FromMinutes(2));
        Assert.False(decided);
        cluster.Freeze(0, false);
        cluster.Run(TimeSpan.FromMinutes(1));
        Assert.True(decided);
    }

    [Fact]
    public void Who_has_fetched_and_not_yet_mixed_keeps_nobody_from_publishing()
    {
        VirtualCluster cluster = Cluster();
        cluster.UpdateSend(1, 1);
        cluster.UpdateSend(2, 1);
        cluster.UpdateSend(0, 1);
        cluster.Run(TimeSpan.FromMilliseconds(100));
        for (int step = 0; step < 5; step++)
        {
            Assert.True(cluster.UpdateSend(1, 1));
            Assert.True(cluster.UpdateSend(2, 1));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_killed_node_holds_no_lease_of_others(bool frozen)
    {
        VirtualCluster cluster = Cluster();
        cluster.UpdateSend(1, 1);
        cluster.UpdateSend(2, 1);
        cluster.UpdateSend(0, 1);
        cluster.Run(TimeSpan.FromMilliseconds(3.5));
        Assert.True(cluster.Node(1).Published!.IsLeased || cluster.Node(2).Published!.IsLeased, "the scenario has a lease to lose");
        for (int i = 0; i < 3 && frozen; i++)
            cluster.Freeze(i, true);
        cluster.Run(TimeSpan.FromMilliseconds(100));

        cluster.Kill(0);
        for (int i = 1; i < 3; i++)
            cluster.Freeze(i, false);
        cluster.Run(TimeSpan.FromMinutes(5));

        Assert.False(cluster.Node(1).Published!.IsLeased || cluster.Node(2).Published!.IsLeased);
    }

    [Fact]
    public void The_same_seed_gives_the_same_run_and_another_seed_another()
    {
        Assert.Equal(Run(1), Run(1));
        Assert.NotEqual(Run(1), Run(2));

        static string Run(int seed)
        {
            VirtualCluster cluster = Cluster(seed);
            var peers = new List<string?>();
            for (int step = 0; step < 30; step++)
            {
                for (int i = 0; i < 3; i++)
                    cluster.UpdateSend(i, 1);
                for (int i = 0; i < 3; i++)
                    peers.Add(cluster.UpdateWait(i, 1).Peer);
            }

            return string.Join(' ', peers);
        }
    }

    private static VirtualCluster Cluster(int seed = 1)
    {
        var cluster = new VirtualCluster(Options, ParameterLayout.Flat(4), seed);
        for (int i = 0; i < 3; i++)
            cluster.Model(i).Values().Fill(i);
        return cluster;
    }
}
