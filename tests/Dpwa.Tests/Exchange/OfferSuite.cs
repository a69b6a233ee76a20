using Dpwa.Transport.InMemory;
using Dpwa.Transport.Tcp;

namespace Dpwa.Tests.Exchange;

/// <summary>Push, push-sum and swap, whatever carries the messages.</summary>
public abstract class OfferSuite
{
    private const int Limit = 60_000;
    private const int Length = 300_001;

    protected abstract ITestCluster Cluster(int nodes, DpwaOptions options, int length);

    private static DpwaOptions Options(ExchangeKind kind, ApplyForm form = ApplyForm.Parameters) => new()
    {
        Timeout = TimeSpan.FromSeconds(20),
        Seed = 1,
        Exchange = kind,
        Apply = kind == ExchangeKind.Swap ? ApplyForm.Delta : form,
        Extensions = DpwaExtensions.None.Add(new InOrderSelector()),
        Selector = "in_order",
    };

    [Theory(Timeout = Limit)]
    [InlineData(ApplyForm.Parameters)]
    [InlineData(ApplyForm.Delta)]
    public async Task What_is_pushed_is_mixed_by_the_receiver_and_leaves_the_sender_as_it_is(ApplyForm form)
    {
        await using ITestCluster cluster = await Introduced(Options(ExchangeKind.Push, form));
        cluster.Send(0, loss: 3);
        UpdateResult result = await Incoming(cluster, 1);

        Assert.Equal((UpdateOutcome.Averaged, "w1", 0.5, 3.0), (result.Outcome, result.Peer, result.Factor, result.PeerLoss));
        Assert.Equal(new IncomingResult("w1", 0.5, 1, 3, ParameterLayout.Flat(Length).PayloadLength), result.Incoming);
        Assert.All(cluster.Values(1), v => Assert.Equal(0.5f, v));
        Assert.All(cluster.Values(0), v => Assert.Equal(0f, v));
        Assert.Equal(UpdateOutcome.NotFetching, (await cluster.Wait(0)).Outcome);
        await cluster.NothingIsLeased();
    }

    [Fact(Timeout = Limit)]
    public async Task In_a_push_sum_the_factor_is_the_senders_share_of_the_weight()
    {
        await using ITestCluster cluster = await Introduced(Options(ExchangeKind.PushSum));
        cluster.Send(0);
        UpdateResult result = await Incoming(cluster, 1);

        // Both had the same weight; half of one's against all of the other's.
        Assert.Equal(1.0 / 3, result.Factor, 12);
        Assert.All(cluster.Values(1), v => Assert.Equal(2f / 3, v, 1e-6f));

        // Now w2 has 3/2 and w1 1/2: half of the one comes back to the other.
        cluster.Send(1);
        Assert.Equal(0.75 / (0.75 + 0.5), (await Incoming(cluster, 0)).Factor, 12);
        await cluster.NothingIsLeased();
    }

    [Fact(Timeout = Limit)]
    public async Task A_swap_moves_both_half_way_and_what_was_trained_meanwhile_is_kept()
    {
        await using ITestCluster cluster = await Introduced(Options(ExchangeKind.Swap));
        cluster.Send(0);
        Train(cluster, 0, 8);
        UpdateResult asker = await cluster.Wait(0);
        Train(cluster, 1, 4);
        UpdateResult asked = await Incoming(cluster, 1);

        Assert.Equal((UpdateOutcome.Averaged, "w2", 0.5, null), (asker.Outcome, asker.Peer, asker.Factor, asker.Incoming));
        Assert.Equal((UpdateOutcome.Averaged, "w1", 0.5), (asked.Outcome, asked.Peer, asked.Factor));
        Assert.All(cluster.Values(0), v => Assert.Equal(8.5f, v));
        Assert.All(cluster.Values(1), v => Assert.Equal(4.5f, v));
        await cluster.NothingIsLeased();
    }

    [Fact(Timeout = Limit)]
    public async Task A_snapshot_takes_part_in_one_swap_and_the_second_asker_pulls()
    {
        await using ITestCluster cluster = await Introduced(Options(ExchangeKind.Swap));
        cluster.Send(0);
        await cluster.Wait(0);
        await Incoming(cluster, 1);
        Assert.Equal((0.5f, 0.5f), (cluster.Values(0)[0], cluster.Values(1)[0]));

        // What w1 has published, 0, has been swapped already. Were it swapped again, w1 would move too.
        cluster.Send(1);
        UpdateResult second = await cluster.Wait(1);
        Assert.Equal((UpdateOutcome.Averaged, "w1", 0.5, null), (second.Outcome, second.Peer, second.Factor, second.Incoming));
        Assert.All(cluster.Values(1), v => Assert.Equal(0.25f, v));
        Assert.Equal(UpdateOutcome.NotFetching, (await cluster.Wait(0)).Outcome);

        // A new one can be, and w2's was in none: it was only refused.
        cluster.Send(0);
        await cluster.Wait(0);
        await Incoming(cluster, 1);
        Assert.Equal((0.5f, 0.25f), (cluster.Values(0)[0], cluster.Values(1)[0]));
        await cluster.NothingIsLeased();
    }

    /// <summary>Many rounds in which all offer at once, in no order: everything stays an average, and all come together.</summary>
    [Theory(Timeout = Limit)]
    [InlineData(ExchangeKind.Push)]
    [InlineData(ExchangeKind.PushSum)]
    [InlineData(ExchangeKind.Swap)]
    public async Task All_nodes_together_reach_agreement(ExchangeKind kind)
    {
        await using ITestCluster cluster = Cluster(5, Options(kind) with { Selector = "random" }, 64);
        float[] values = [0, 1, 2, 3, 4];
        while (values.Max() - values.Min() > 1e-2)
        {
            for (int i = 0; i < 5; i++)
                cluster.Send(i);

            // Something would be trained now, while what was offered arrives.
            cluster.Pass(TimeSpan.FromMilliseconds(200));
            await Task.Delay(1, TestContext.Current.CancellationToken);
            await WaitAll();
            values = [.. Enumerable.Range(0, 5).Select(i => cluster.Values(i)[0])];
            Assert.All(values, v => Assert.InRange(v, 0, 4));
        }

        if (kind == ExchangeKind.Swap)
            Assert.InRange(values.Average(), 0.5, 3.5);

        // What was offered last is held until it is mixed: the nodes go on waiting, as in steps that train.
        cluster.Pass(TimeSpan.FromSeconds(1));
        await WaitAll();
        Task check = cluster.NothingIsLeased();
        while (!check.IsCompleted)
        {
            await WaitAll();
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        await check;

        Task WaitAll() => Task.WhenAll(Enumerable.Range(0, 5).Select(i => cluster.Wait(i)));
    }

    /// <summary>w2 has published, and so knows the model; nothing is under way.</summary>
    private async Task<ITestCluster> Introduced(DpwaOptions options)
    {
        // The first is not there yet, so that nothing is exchanged.
        ITestCluster cluster = Cluster(2, options, Length);
        cluster.Kill(0);
        cluster.Send(1);
        while (cluster.Peers(1)[0].Failures == 0)
        {
            cluster.Pass(TimeSpan.FromMilliseconds(10));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        await cluster.Wait(1);
        cluster.Restart(0);
        cluster.Pass(TimeSpan.FromMinutes(1));
        return cluster;
    }

    private static void Train(ITestCluster cluster, int node, float step) => cluster.SetValues(node, [.. cluster.Values(node).Select(v => v + step)]);

    /// <summary>Waits, as a training loop does with every step, until something that a peer offered has been mixed.</summary>
    private static async Task<UpdateResult> Incoming(ITestCluster cluster, int node)
    {
        while (true)
        {
            UpdateResult result = await cluster.Wait(node);
            if (result.Incoming is not null)
                return result;
            cluster.Pass(TimeSpan.FromMilliseconds(10));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }
}

public class OffersOverTcpTests : OfferSuite
{
    protected override ITestCluster Cluster(int nodes, DpwaOptions options, int length) =>
        new RealCluster(nodes, options with { Transport = TransportChoice.Tcp }, new TcpTransport(), "127.0.0.1", length);
}

public class OffersThroughSharedMemoryTests : OfferSuite
{
    public OffersThroughSharedMemoryTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Shared memory is Linux's.");

    protected override ITestCluster Cluster(int nodes, DpwaOptions options, int length) =>
        new RealCluster(nodes, options with { Transport = TransportChoice.SharedMemory }, new TcpTransport(), "127.0.0.1", length);
}

public class OffersInMemoryTests : OfferSuite
{
    protected override ITestCluster Cluster(int nodes, DpwaOptions options, int length) =>
        new RealCluster(nodes, options, new InMemoryTransport(), "anywhere", length);
}

public class OffersOnVirtualTimeTests : OfferSuite
{
    protected override ITestCluster Cluster(int nodes, DpwaOptions options, int length) => new SimulatedCluster(nodes, options, length);
}
