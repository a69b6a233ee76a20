namespace Dpwa.Tests.Exchange;

/// <summary>
/// What a worker can count on, whatever carries the messages. The same scenarios run over TCP, in memory and on virtual time. In them a node asks its
/// peers in the order of their names.
/// </summary>
public abstract class ExchangeSuite
{
    private const int Limit = 60_000;
    private const int Length = 1000;

    protected abstract ITestCluster Cluster(int nodes, DpwaOptions options, int length);

    private static DpwaOptions Options { get; } = new()
    {
        Timeout = TimeSpan.FromSeconds(20),
        Seed = 1,
        Extensions = DpwaExtensions.None.Add(new InOrderSelector()),
        Selector = "in_order",
    };

    /// <summary>For scenarios in which something has to time out.</summary>
    private static DpwaOptions Impatient { get; } = Options with { Timeout = TimeSpan.FromMilliseconds(500) };

    [Fact(Timeout = Limit)]
    public async Task Two_nodes_average_exactly_and_the_one_that_is_asked_is_untouched()
    {
        await using ITestCluster cluster = Cluster(2, Options, Length);
        cluster.Send(1);
        await cluster.Wait(1);
        cluster.Send(0);
        UpdateResult result = await cluster.Wait(0);

        Assert.Equal((UpdateOutcome.Averaged, "w2", 0.5, 1.0), (result.Outcome, result.Peer, result.Factor, result.PeerLoss));
        Assert.Equal(ParameterLayout.Flat(Length).PayloadLength, result.Bytes);
        Assert.All(cluster.Values(0), v => Assert.Equal(0.5f, v));
        Assert.All(cluster.Values(1), v => Assert.Equal(1f, v));
        await cluster.NothingIsLeased();
    }

    [Theory(Timeout = Limit)]
    [InlineData(1)]
    [InlineData(300_001)]
    public async Task The_whole_model_arrives_whatever_its_size(int length)
    {
        await using ITestCluster cluster = Cluster(2, Options, length);
        cluster.Send(1);
        for (int step = 0; step < 3; step++)
        {
            cluster.Send(0);
            Assert.Equal(UpdateOutcome.Averaged, (await cluster.Wait(0)).Outcome);
        }

        Assert.All(cluster.Values(0), v => Assert.Equal(0.875f, v));
    }

    [Fact(Timeout = Limit)]
    public async Task Clock_and_loss_decide_the_factor_and_the_clock_follows()
    {
        await using ITestCluster cluster = Cluster(2, Options with { Interpolation = "clock", DivergenceThreshold = 4 }, Length);
        cluster.Send(1, loss: 2);
        cluster.Send(1, loss: 2);
        cluster.Send(1, loss: 2);
        cluster.Send(0, loss: 2);
        UpdateResult result = await cluster.Wait(0, loss: 2);

        // c = 1 and 3: 3/4; my loss is half the threshold: half of that.
        Assert.Equal((0.375, 3.0, 2.0), (result.Factor, result.PeerClock, result.PeerLoss));
        Assert.Equal(0.375 * 3 + 0.625 * 1, cluster.Clock(0));
        Assert.All(cluster.Values(0), v => Assert.Equal(0.375f, v));
    }

    [Fact(Timeout = Limit)]
    public async Task Alone_a_worker_trains_as_if_there_were_no_cluster()
    {
        await using ITestCluster cluster = Cluster(1, Options, Length);
        cluster.Send(0);
        UpdateResult result = await cluster.Wait(0);
        Assert.Equal((UpdateOutcome.NoPeer, null), (result.Outcome, result.Peer));
        Assert.All(cluster.Values(0), v => Assert.Equal(0f, v));
    }

    /// <summary>PEERS: "with three nodes and one down, steps go without averaging although the other peer was up".</summary>
    [Fact(Timeout = Limit)]
    public async Task With_three_nodes_and_one_down_every_step_still_averages()
    {
        await using ITestCluster cluster = Cluster(3, Options, Length);
        cluster.Kill(1);
        cluster.Send(2);
        for (int step = 0; step < 10; step++)
        {
            cluster.Send(0);
            UpdateResult result = await cluster.Wait(0);
            Assert.Equal((UpdateOutcome.Averaged, "w3"), (result.Outcome, result.Peer));
            cluster.Pass(TimeSpan.FromMilliseconds(300));
        }

        Assert.InRange(cluster.Peers(0).Single(p => p.Name == "w2").Failures, 2, 10);
        await cluster.NothingIsLeased();
    }

    /// <summary>PEERS: "a worker that starts late is never fetched".</summary>
    [Fact(Timeout = Limit)]
    public async Task A_worker_that_starts_late_is_averaged_with_as_soon_as_it_asks_for_the_first_time()
    {
        await using ITestCluster cluster = Cluster(2, Options, Length);
        cluster.Kill(1);
        for (int step = 0; step < 30; step++)
        {
            cluster.Send(0);
            Assert.Equal(UpdateOutcome.NoPeer, (await cluster.Wait(0)).Outcome);
            cluster.Pass(TimeSpan.FromSeconds(1));
        }

        cluster.Restart(1);
        cluster.Send(1);
        Assert.Equal(UpdateOutcome.Averaged, (await cluster.Wait(1)).Outcome);
        cluster.Send(0);
        UpdateResult result = await cluster.Wait(0);
        Assert.Equal((UpdateOutcome.Averaged, "w2"), (result.Outcome, result.Peer));
    }

    /// <summary>PEERS: "a restarted peer never comes back; one connect time-out removes a peer for good".</summary>
    [Fact(Timeout = Limit)]
    public async Task A_peer_that_was_killed_and_restarted_is_averaged_with_again_even_if_it_only_listens()
    {
        await using ITestCluster cluster = Cluster(2, Options, Length);
        cluster.Send(1);
        await cluster.Wait(1);
        cluster.Send(0);
        Assert.Equal(UpdateOutcome.Averaged, (await cluster.Wait(0)).Outcome);

        cluster.Kill(1);
        cluster.Pass(TimeSpan.FromSeconds(1));

        // What is mapped can be read until the end of its connection has been seen, which takes a moment.
        UpdateOutcome outcome = UpdateOutcome.Averaged;
        while (outcome == UpdateOutcome.Averaged)
        {
            cluster.Send(0);
            outcome = (await cluster.Wait(0)).Outcome;
        }

        Assert.Equal(UpdateOutcome.NoPeer, outcome);
        for (int step = 0; step < 5; step++)
        {
            cluster.Send(0);
            Assert.Equal(UpdateOutcome.NoPeer, (await cluster.Wait(0)).Outcome);
            cluster.Pass(TimeSpan.FromMilliseconds(50));
        }

        cluster.Restart(1);
        cluster.Pass(TimeSpan.FromSeconds(40));
        cluster.Send(1);
        cluster.Send(0);
        Assert.Equal(UpdateOutcome.Averaged, (await cluster.Wait(0)).Outcome);
        Assert.Null(cluster.Peers(0)[0].LastError);
        await cluster.NothingIsLeased();
    }

    [Fact(Timeout = Limit)]
    public async Task A_peer_that_said_goodbye_is_not_asked()
    {
        await using ITestCluster cluster = Cluster(3, Options, Length);
        for (int i = 0; i < 3; i++)
        {
            cluster.Send(i);
            await cluster.Wait(i);
        }

        cluster.Send(2);
        Assert.Equal(UpdateOutcome.Averaged, (await cluster.Wait(2)).Outcome);
        await cluster.Leave(0);

        long before = Asked(cluster, "w1");
        for (int step = 0; step < 5; step++)
        {
            cluster.Send(2);
            UpdateResult result = await cluster.Wait(2);
            Assert.Equal((UpdateOutcome.Averaged, "w2"), (result.Outcome, result.Peer));
        }

        Assert.Equal(before, Asked(cluster, "w1"));
        Assert.Equal(PeerState.Left, cluster.Peers(2).Single(p => p.Name == "w1").State);
    }

    /// <summary>PEERS: "a stopped (SIGSTOP) peer hangs UpdateWait past every time-out".</summary>
    [Fact(Timeout = Limit)]
    public async Task A_frozen_peer_times_out_and_another_is_tried_within_the_same_step()
    {
        await using ITestCluster cluster = Cluster(3, Impatient, Length);
        cluster.Send(1);
        cluster.Send(2);
        await cluster.Wait(1);
        await cluster.Wait(2);
        cluster.Freeze(1);
        cluster.Send(0);
        UpdateResult result = await cluster.Wait(0);

        Assert.Equal((UpdateOutcome.Averaged, "w3"), (result.Outcome, result.Peer));
        PeerStatus frozen = cluster.Peers(0).Single(p => p.Name == "w2");
        Assert.Equal((1, PeerState.BackingOff), (frozen.Failures, frozen.State));
        cluster.Thaw(1);
        await cluster.NothingIsLeased();
    }

    /// <summary>PEERS: "a peer that timed out 10 times is never picked again while others are healthy".</summary>
    [Fact(Timeout = Limit)]
    public async Task A_peer_that_timed_out_many_times_is_averaged_with_after_it_recovers()
    {
        await using ITestCluster cluster = Cluster(3, Options with { Timeout = TimeSpan.FromMilliseconds(150), Selector = "random" }, Length);
        cluster.Send(1);
        cluster.Send(2);
        await cluster.Wait(1);
        await cluster.Wait(2);
        cluster.Freeze(1);
        for (int step = 0; cluster.Peers(0).Single(p => p.Name == "w2").Failures < 10; step++)
        {
            Assert.InRange(step, 0, 200);
            cluster.Send(0);
            await cluster.Wait(0);
            cluster.Pass(TimeSpan.FromSeconds(40));
        }

        cluster.Thaw(1);
        cluster.Pass(TimeSpan.FromSeconds(60));
        long before = cluster.Peers(0).Single(p => p.Name == "w2").Exchanges;
        for (int step = 0; cluster.Peers(0).Single(p => p.Name == "w2").Exchanges < before + 5; step++)
        {
            // Its share is nearly half again; a run of this length without five of its turns does not happen by chance.
            Assert.InRange(step, 0, 60);
            cluster.Send(0);
            await cluster.Wait(0);

            // On a busy machine it may be late once more.
            cluster.Pass(TimeSpan.FromSeconds(40));
        }
    }

    /// <summary>PEERS: "a peer that is up but has published nothing is polled in a busy loop (10,000 requests/s, all cores)".</summary>
    [Fact(Timeout = Limit)]
    public async Task A_peer_that_has_published_nothing_is_not_polled_in_a_busy_loop()
    {
        await using ITestCluster cluster = Cluster(2, Options, Length);
        for (int step = 0; step < 500; step++)
        {
            cluster.Send(0);
            Assert.Equal(UpdateOutcome.NoPeer, (await cluster.Wait(0)).Outcome);
        }

        // One at the start, and then after 0.1 s, 0.3 s, 0.7 s and so on: the steps themselves take far less than a minute.
        Assert.InRange(cluster.Peers(0)[0].Failures, 1, 10);
        Assert.Contains("published nothing", cluster.Peers(0)[0].LastError, StringComparison.Ordinal);

        cluster.Pass(TimeSpan.FromSeconds(60));
        cluster.Send(1);
        cluster.Send(0);
        Assert.Equal(UpdateOutcome.Averaged, (await cluster.Wait(0)).Outcome);
    }

    [Fact(Timeout = Limit)]
    public async Task When_every_peer_is_frozen_the_step_ends_by_itself_and_training_goes_on()
    {
        await using ITestCluster cluster = Cluster(3, Impatient with { Timeout = TimeSpan.FromMilliseconds(250), ExchangeDeadline = TimeSpan.FromMilliseconds(400) }, Length);
        cluster.Send(1);
        cluster.Send(2);
        cluster.Freeze(1);
        cluster.Freeze(2);
        cluster.Send(0);
        UpdateResult result = await cluster.Wait(0);
        Assert.Equal(UpdateOutcome.TimedOut, result.Outcome);
        Assert.NotNull(result.Reason);
        Assert.All(cluster.Values(0), v => Assert.Equal(0f, v));
        cluster.Send(0);
        await cluster.Wait(0);
    }

    [Fact(Timeout = Limit)]
    public async Task All_nodes_together_reach_agreement()
    {
        await using ITestCluster cluster = Cluster(5, Options with { Selector = "random" }, 64);
        for (int round = 0; round < 40; round++)
        {
            for (int i = 0; i < 5; i++)
                cluster.Send(i);
            foreach (UpdateResult result in await Task.WhenAll(Enumerable.Range(0, 5).Select(i => cluster.Wait(i))))
                Assert.True(result.Outcome == UpdateOutcome.Averaged || round == 0, result.Reason);
        }

        float[] values = [.. Enumerable.Range(0, 5).Select(i => cluster.Values(i)[0])];
        Assert.InRange(values.Max() - values.Min(), 0, 1e-3);
        Assert.InRange(values[0], 0, 4);
        await cluster.NothingIsLeased();
    }

    /// <summary>How often w3 has asked a peer.</summary>
    private static long Asked(ITestCluster cluster, string peer) =>
        cluster.Peers(2).Where(p => p.Name == peer).Sum(p => p.Exchanges + p.Failures);
}
