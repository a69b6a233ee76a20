using Dpwa.Transport.InMemory;
using Dpwa.Transport.Tcp;

namespace Dpwa.Tests.Exchange;

/// <summary><c>late_fetch: skip</c>, whatever carries the messages: a step does not wait for what is late, and nothing of it is lost or fetched twice.</summary>
public abstract class LateFetchSuite
{
    private const int Limit = 60_000;
    private const int Length = 1000;

    private static readonly DpwaOptions Options = new()
    {
        Timeout = TimeSpan.FromMinutes(10),
        Seed = 1,
        Interpolation = "clock",
        LateFetch = LateFetch.Skip,
        Extensions = DpwaExtensions.None.Add(new InOrderSelector()),
        Selector = "in_order",
    };

    protected abstract ITestCluster Cluster(int nodes, DpwaOptions options, int length);

    [Fact(Timeout = Limit)]
    public async Task A_step_goes_on_without_what_is_late_and_a_later_one_mixes_it_by_the_clocks_of_then()
    {
        await using ITestCluster cluster = Cluster(2, Options, Length);
        for (int i = 0; i < 6; i++)
            cluster.Send(1, loss: 7);
        cluster.Freeze(1);
        for (int step = 0; step < 3; step++)
        {
            cluster.Send(0);
            UpdateResult late = await cluster.Wait(0);
            Assert.Equal((UpdateOutcome.Late, "w2", 0d, 0L), (late.Outcome, late.Peer, late.Factor, late.Bytes));
            Assert.Contains("still under way", late.Reason, StringComparison.Ordinal);
            Assert.All(cluster.Values(0), v => Assert.Equal(0f, v));
        }

        Assert.Equal(3, cluster.Clock(0));
        cluster.Thaw(1);
        UpdateResult mixed = await NotLate(cluster, 0);

        // c = 3 and 6, and not the 1 of the step that asked.
        Assert.Equal((UpdateOutcome.Averaged, "w2", 6d / 9, 6d, 7d, (string?)null), (mixed.Outcome, mixed.Peer, mixed.Factor, mixed.PeerClock, mixed.PeerLoss, mixed.Reason));
        Assert.True(mixed.Age > TimeSpan.Zero);
        Assert.Equal(6d / 9 * 6 + 3d / 9 * 3, cluster.Clock(0), 12);
        Assert.All(cluster.Values(0), v => Assert.Equal(2f / 3, v, 1e-6f));
        Assert.Equal((1L, 0L), (cluster.Peers(0)[0].Exchanges, cluster.Peers(0)[0].Failures));
        Assert.Equal(UpdateOutcome.NotFetching, (await cluster.Wait(0)).Outcome);

        // And the next step fetches again.
        cluster.Send(0);
        Assert.Equal(UpdateOutcome.Averaged, (await NotLate(cluster, 0)).Outcome);
        Assert.Equal(2, cluster.Peers(0)[0].Exchanges);
        await cluster.NothingIsLeased();
    }

    [Fact(Timeout = Limit)]
    public async Task Alone_and_among_the_dead_a_step_ends_as_it_does_without()
    {
        await using ITestCluster cluster = Cluster(2, Options, Length);
        cluster.Kill(1);
        cluster.Send(0);
        Assert.Equal(UpdateOutcome.NoPeer, (await NotLate(cluster, 0)).Outcome);
    }

    /// <summary>Asks again until what was late is here.</summary>
    private static async Task<UpdateResult> NotLate(ITestCluster cluster, int node)
    {
        UpdateResult result;
        do
        {
            cluster.Pass(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
            result = await cluster.Wait(node);
        }
        while (result.Outcome == UpdateOutcome.Late);
        return result;
    }
}

public class LateFetchOverTcpTests : LateFetchSuite
{
    protected override ITestCluster Cluster(int nodes, DpwaOptions options, int length) =>
        new RealCluster(nodes, options with { Transport = TransportChoice.Tcp }, new TcpTransport(), "127.0.0.1", length);
}

public class LateFetchThroughSharedMemoryTests : LateFetchSuite
{
    public LateFetchThroughSharedMemoryTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Shared memory is Linux's.");

    protected override ITestCluster Cluster(int nodes, DpwaOptions options, int length) =>
        new RealCluster(nodes, options with { Transport = TransportChoice.SharedMemory }, new TcpTransport(), "127.0.0.1", length);
}

public class LateFetchInMemoryTests : LateFetchSuite
{
    protected override ITestCluster Cluster(int nodes, DpwaOptions options, int length) =>
        new RealCluster(nodes, options, new InMemoryTransport(), "anywhere", length);
}

public class LateFetchOnVirtualTimeTests : LateFetchSuite
{
    protected override ITestCluster Cluster(int nodes, DpwaOptions options, int length) => new SimulatedCluster(nodes, options, length);
}
