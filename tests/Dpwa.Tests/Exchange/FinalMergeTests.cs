using Dpwa.Protocol;
using Dpwa.Simulation;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Exchange;

/// <summary>At the end of a run everyone has the mean of all.</summary>
public class FinalMergeTests
{
    private const int Limit = 60_000;
    private const int Nodes = 5;

    private static VirtualCluster Cluster(int seed = 1) => new(
        new DpwaOptions { Nodes = [.. Enumerable.Range(0, Nodes).Select(i => new DpwaNode($"w{i}", "virtual", 45_000 + i))], Timeout = TimeSpan.FromMilliseconds(200) },
        ParameterLayout.Flat(3),
        seed);

    [Fact]
    public void All_end_with_the_mean_whenever_they_finish()
    {
        VirtualCluster cluster = Cluster();
        MergeResult[] results = new MergeResult[Nodes];
        for (int i = 0; i < Nodes; i++)
        {
            int node = i;
            cluster.Model(i).Values().Fill(i);
            cluster.UpdateSend(i, 1);
            cluster.After(TimeSpan.FromSeconds(i * i), () => cluster.FinalMerge(node, TimeSpan.FromMinutes(5), r => results[node] = r));
        }

        cluster.Run(TimeSpan.FromMinutes(1));
        Assert.All(results, r => Assert.Equal((4, 0), (r.Merged, r.Missing.Count)));
        Assert.All(Enumerable.Range(0, Nodes), i => Assert.Equal(2f, cluster.Model(i).Values()[0], 1e-6f));
    }

    [Fact]
    public void Whoever_has_died_or_left_or_never_finishes_is_missing_and_nobody_waits_for_longer_than_told()
    {
        VirtualCluster cluster = Cluster();
        MergeResult?[] results = new MergeResult?[Nodes];
        for (int i = 0; i < Nodes; i++)
        {
            cluster.Model(i).Values().Fill(i);
            cluster.UpdateSend(i, 1);
        }

        cluster.Run(TimeSpan.FromSeconds(1));
        cluster.Kill(4);
        cluster.Leave(3);
        for (int i = 0; i < 2; i++)
        {
            int node = i;
            cluster.FinalMerge(node, TimeSpan.FromSeconds(30), r => results[node] = r);
        }

        cluster.Run(TimeSpan.FromSeconds(29));
        Assert.All(results, Assert.Null);
        cluster.Run(TimeSpan.FromSeconds(2));
        Assert.All(results[..2], r => Assert.Equal(1, r!.Merged));
        Assert.Equal(["w2", "w3", "w4"], results[0]!.Missing);
        Assert.Equal((0.5f, 0.5f), (cluster.Model(0).Values()[0], cluster.Model(1).Values()[0]));
    }

    /// <summary>A lost message costs a time-out, not the mean.</summary>
    [Theory]
    [InlineData(MessageType.Fetch)]
    [InlineData(MessageType.Snapshot)]
    [InlineData(MessageType.Refusal)]
    public void Lost_messages_are_asked_for_again(MessageType lost)
    {
        int whole = 0;
        for (int seed = 0; seed < 20; seed++)
        {
            VirtualCluster cluster = Cluster(seed);
            var random = new Random(seed);
            cluster.OnMessage = header => header.Type == lost && random.Next(5) == 0 ? Delivery.Drop : Delivery.Deliver;
            int over = 0;
            for (int i = 0; i < Nodes; i++)
            {
                int node = i;
                cluster.Model(i).Values().Fill(i);
                cluster.After(TimeSpan.FromMilliseconds(random.Next(500)), () => cluster.FinalMerge(node, TimeSpan.FromMinutes(5), r => over += r.Merged == Nodes - 1 ? 1 : 0));
            }

            cluster.Run(TimeSpan.FromMinutes(6));
            whole += over;
            if (over == Nodes)
                Assert.All(Enumerable.Range(0, Nodes), i => Assert.Equal(2f, cluster.Model(i).Values()[0], 1e-6f));
        }

        // Three losses with one peer count as a peer that is gone, which is rare: 1 in 125 of the 4 peers that each of 5 nodes has.
        Assert.InRange(whole, 20 * Nodes * 8 / 10, 20 * Nodes);
    }

    [Theory(Timeout = Limit)]
    [InlineData(TransportChoice.Tcp)]
    [InlineData(TransportChoice.Auto)]
    public async Task Over_real_connections_too_and_each_may_leave_as_soon_as_it_is_done(TransportChoice transport)
    {
        const int length = 100_003;
        Mesh mesh = Mesh.Start(Nodes, new DpwaOptions { Seed = 1, Timeout = TimeSpan.FromSeconds(5), Transport = transport });
        float[][] values = [.. Enumerable.Range(0, Nodes).Select(i => Enumerable.Repeat((float)i, length).ToArray())];
        await Task.WhenAll(Enumerable.Range(0, Nodes).Select(i => Task.Factory.StartNew(
            () =>
            {
                for (int step = 0; step < 20 * i; step++)
                {
                    mesh.Nodes[i].UpdateSend(values[i], 1);
                    mesh.Nodes[i].UpdateWait(values[i], 1);
                }

                values[i].AsSpan().Fill(i);
                MergeResult result = mesh.Nodes[i].FinalMerge(values[i], 1, TimeSpan.FromSeconds(40));
                Assert.Empty(result.Missing);
                mesh.Nodes[i].Dispose();
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        Assert.All(values, v => Assert.All(v, x => Assert.Equal(2f, x, 1e-6f)));
    }

    [Fact(Timeout = Limit)]
    public async Task After_an_outer_optimizer_the_parameters_are_merged_and_a_subset_is_refused_with_the_reason()
    {
        await using Mesh mesh = Mesh.Start(2, GossipMethods.Options("noloco") with { Timeout = TimeSpan.FromSeconds(5), Transport = TransportChoice.Tcp });
        float[][] values = [[0, 0, 0], [1, 1, 1]];
        await Task.WhenAll(Enumerable.Range(0, 2).Select(i => Task.Factory.StartNew(
            () => mesh.Nodes[i].FinalMerge(values[i], 1, TimeSpan.FromSeconds(40)), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.All(values, v => Assert.Equal([0.5f, 0.5f, 0.5f], v));

        await using Mesh subset = Mesh.Start(1, GossipMethods.Options("sparta"));
        Assert.Contains("subset", Assert.Throws<InvalidOperationException>(() => subset.Nodes[0].FinalMerge(values[0], 1)).Message, StringComparison.Ordinal);
    }
}
