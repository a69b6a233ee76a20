using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Simulation;

namespace Dpwa.Tests.Simulation;

/// <summary>Push, push-sum and swap while messages are lost and nodes die: whole or absent, counted once, nothing kept for ever.</summary>
public class OfferFaultTests
{
    private const int Nodes = 6;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private static VirtualCluster Cluster(ExchangeKind kind, int seed, ApplyForm form = ApplyForm.Parameters)
    {
        var cluster = new VirtualCluster(
            new DpwaOptions
            {
                Nodes = [.. Enumerable.Range(0, Nodes).Select(i => new DpwaNode($"w{i}", "virtual", 45_000 + i))],
                Timeout = TimeSpan.FromMilliseconds(200),
                Exchange = kind,
                Apply = kind == ExchangeKind.Swap ? ApplyForm.Delta : form,
            },
            ParameterLayout.Flat(3),
            seed);
        for (int i = 0; i < Nodes; i++)
        {
            // Every mix keeps these proportions, whole as it is; part of one does not.
            for (int element = 0; element < 3; element++)
                cluster.Model(i).Values()[element] = i * (element + 1);
        }

        return cluster;
    }

    private static void Round(VirtualCluster cluster)
    {
        int decided = 0;
        for (int i = 0; i < Nodes; i++)
            cluster.UpdateSend(i, 1);
        cluster.Run(Step);
        for (int i = 0; i < Nodes; i++)
            cluster.UpdateWait(i, 1, _ => decided++);
        while (decided < Nodes)
            Assert.True(cluster.RunNext(), "an UpdateWait is never answered");
        for (int i = 0; i < Nodes; i++)
        {
            float[] values = cluster.Model(i).Values().ToArray();
            Assert.Equal(2 * values[0], values[1], 1e-4f);
            Assert.Equal(3 * values[0], values[2], 1e-4f);
        }
    }

    /// <summary>Lets what was offered arrive and be mixed, without new offers.</summary>
    private static void Drain(VirtualCluster cluster)
    {
        cluster.Run(TimeSpan.FromMinutes(1));
        for (int i = 0; i < Nodes; i++)
            cluster.UpdateWait(i, 1);
    }

    private static double Weights(VirtualCluster cluster) => Enumerable.Range(0, Nodes).Sum(i => cluster.Node(i).Weight + cluster.Node(i).WaitingWeight);

    private static double Limbo(VirtualCluster cluster) => Enumerable.Range(0, Nodes).Sum(i => cluster.Node(i).InLimbo.Sum(l => l.Weight));

    private static double Mass(VirtualCluster cluster) => Enumerable.Range(0, Nodes).Sum(i => cluster.Node(i).Weight * cluster.Model(i).Values()[0]);

    /// <summary>T7 of METHODS: Σw = 1 and Σ w·x invariant.</summary>
    [Theory]
    [InlineData(ApplyForm.Parameters)]
    [InlineData(ApplyForm.Delta)]
    public void A_push_sum_conserves_weight_and_mass(ApplyForm form)
    {
        VirtualCluster cluster = Cluster(ExchangeKind.PushSum, seed: 1, form);
        double mass = Mass(cluster);
        for (int round = 0; round < 60; round++)
        {
            Round(cluster);
            Assert.Equal(1, Weights(cluster), 12);
            Assert.Equal(0, Limbo(cluster));
            Assert.Equal(mass, Mass(cluster), 5);
        }

        Assert.All(Enumerable.Range(0, Nodes), i => Assert.Equal(mass, cluster.Model(i).Values()[0], 1e-2));
    }

    /// <summary>The same while messages are on their way: what is in limbo has the weight that was given and the parameters that were offered.</summary>
    [Fact]
    public void Weight_and_mass_are_conserved_at_every_moment()
    {
        VirtualCluster cluster = Cluster(ExchangeKind.PushSum, seed: 2);
        double mass = Mass(cluster);
        int inLimbo = 0, arrived = 0;
        for (int round = 0; round < 20; round++)
        {
            for (int i = 0; i < Nodes; i++)
                cluster.UpdateSend(i, 1);
            for (int moment = 0; moment < 60; moment++)
            {
                cluster.Run(TimeSpan.FromMilliseconds(0.25));
                double waiting = Enumerable.Range(0, Nodes).Sum(i => cluster.Node(i).WaitingWeight);

                // A receipt takes a moment, in which both sides count the offer: what is here is never more than there is, and never less.
                Assert.InRange(Weights(cluster), 0, 1 + 1e-12);
                Assert.InRange(Weights(cluster) + Limbo(cluster), 1 - 1e-12, 2);
                if (Limbo(cluster) == 0)
                {
                    arrived++;
                    Assert.Equal(1, Weights(cluster), 12);
                }
                else if (waiting == 0)
                {
                    inLimbo++;
                    Assert.Equal(1, Weights(cluster) + Limbo(cluster), 12);
                    Assert.Equal(mass, Mass(cluster) + Enumerable.Range(0, Nodes).Sum(i => cluster.Node(i).InLimbo.Sum(l => l.Weight) * cluster.Model(i).Values()[0]), 5);
                }
            }

            // Whoever was busy sent others looking: all of it comes to rest before anything is mixed.
            cluster.Run(Step);
            for (int i = 0; i < Nodes; i++)
                cluster.UpdateWait(i, 1);
        }

        Assert.True(inLimbo > 20 && arrived > 20, $"{inLimbo} moments in limbo, {arrived} at rest");
    }

    /// <summary>One of two dies at any moment of a swap: the other is where it was, or half-way, and nowhere else.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Whenever_one_of_a_swap_dies_the_other_has_the_whole_step_or_none(int victim)
    {
        HashSet<float> seen = [];
        for (double at = 0; at < 12; at += 0.25)
        {
            var cluster = new VirtualCluster(
                GossipMethods.Options("ad-psgd") with { Nodes = [new("a", "virtual", 1), new("b", "virtual", 2)], Timeout = TimeSpan.FromMilliseconds(200) }, ParameterLayout.Flat(3), seed: 1);
            cluster.Model(1).Values().Fill(1);
            cluster.UpdateSend(0, 1);
            cluster.Run(TimeSpan.FromMilliseconds(1.5));
            cluster.UpdateSend(1, 1);
            cluster.Run(TimeSpan.FromMilliseconds(at));
            cluster.Kill(victim);
            cluster.Run(Step);
            int survivor = 1 - victim;
            cluster.UpdateWait(survivor, 1);
            float[] values = cluster.Model(survivor).Values().ToArray();
            Assert.True(values.All(v => v == survivor) || values.All(v => v == 0.5f), $"at {at} ms: {string.Join(' ', values)}");
            seen.Add(values[0]);
            cluster.Run(TimeSpan.FromMinutes(1));
            Assert.False(cluster.Node(survivor).Published!.IsLeased);
        }

        Assert.Equal(2, seen.Count);
    }

    public static TheoryData<MessageType> OfPushSum => [MessageType.Offer, MessageType.Accepted, MessageType.Receipt, MessageType.Settle, MessageType.Fetch, MessageType.Snapshot];

    /// <summary>Each message of an exchange is lost now and then: what was applied is not given again, what was not comes back.</summary>
    [Theory]
    [MemberData(nameof(OfPushSum))]
    public void Weight_survives_the_loss_of_any_message(MessageType lost)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            VirtualCluster cluster = Cluster(ExchangeKind.PushSum, seed);
            var random = new Random(seed);
            double mass = Mass(cluster);
            int losses = 0;
            cluster.OnMessage = header => header.Type == lost && random.Next(3) == 0 && ++losses > 0 ? Delivery.Drop : Delivery.Deliver;
            for (int round = 0; round < 30; round++)
            {
                Round(cluster);

                // What is in limbo may have been applied or not; what is applied is never more than there is.
                Assert.InRange(Weights(cluster), 0, 1 + 1e-12);
                Assert.InRange(Weights(cluster) + Limbo(cluster), 1 - 1e-12, double.MaxValue);
            }

            cluster.OnMessage = null;
            for (int round = 0; round < 200 && Limbo(cluster) > 0; round++)
                Round(cluster);
            Drain(cluster);
            Assert.True(losses > 0 || lost == MessageType.Settle, "nothing was lost");
            Assert.Equal(0, Limbo(cluster));
            Assert.Equal(1, Weights(cluster), 12);

            // Weight that was never applied comes back to the parameters that the node has by then; all other mass is where it was.
            if (lost is MessageType.Accepted or MessageType.Receipt or MessageType.Settle)
                Assert.Equal(mass, Mass(cluster), 4);
        }
    }

    /// <summary>A node that dies takes its weight along, and that of offers it had taken up; nothing else is lost, and nothing is doubled.</summary>
    [Fact]
    public void Deaths_lose_weight_but_never_make_any()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            VirtualCluster cluster = Cluster(ExchangeKind.PushSum, seed);
            var random = new Random(seed);
            for (int round = 0; round < 40; round++)
            {
                for (int i = 0; i < Nodes; i++)
                    cluster.UpdateSend(i, 1);
                cluster.Run(TimeSpan.FromMilliseconds(random.NextDouble() * 8));
                double before = Weights(cluster) + Limbo(cluster);
                int victim = random.Next(Nodes);
                double its = cluster.Node(victim).Weight + cluster.Node(victim).WaitingWeight + cluster.Node(victim).InLimbo.Sum(l => l.Weight);
                cluster.Restart(victim);
                Assert.Equal(before - its + 1.0 / Nodes, Weights(cluster) + Limbo(cluster), 1e-12);
                Round(cluster);
                Assert.All(Enumerable.Range(0, Nodes), i => Assert.InRange(cluster.Model(i).Values()[0], -1e-5f, Nodes - 1 + 1e-5f));
            }
        }
    }

    public static TheoryData<MessageType> OfSwap => [MessageType.Offer, MessageType.Accepted, MessageType.Receipt, MessageType.Fetch, MessageType.Snapshot];

    /// <summary>A swap may end on one side only, but each side is its own half-way step or none, nothing blocks, and no snapshot is kept for ever.</summary>
    [Theory]
    [MemberData(nameof(OfSwap))]
    public void Swaps_survive_the_loss_of_any_message(MessageType lost)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            VirtualCluster cluster = Cluster(ExchangeKind.Swap, seed);
            var random = new Random(seed);
            cluster.OnMessage = header => header.Type == lost && random.Next(3) == 0 ? Delivery.Drop : Delivery.Deliver;
            for (int round = 0; round < 30; round++)
            {
                Round(cluster);

                // Late differences may overshoot, by no more than what they are taken between.
                Assert.All(Enumerable.Range(0, Nodes), i => Assert.InRange(cluster.Model(i).Values()[0], -Nodes, 2 * Nodes));
            }

            cluster.OnMessage = null;
            for (int round = 0; round < 40; round++)
                Round(cluster);
            Drain(cluster);
            float[] values = [.. Enumerable.Range(0, Nodes).Select(i => cluster.Model(i).Values()[0])];
            Assert.InRange(values.Max() - values.Min(), 0, 0.05);
            Assert.All(Enumerable.Range(0, Nodes), i => Assert.False(cluster.Node(i).Published!.IsLeased));
        }
    }

    /// <summary>Both would ask, but the second has been asked before its question is out: it takes part in that swap and begins none.</summary>
    [Fact]
    public void Of_two_nodes_that_swap_the_sum_stays_and_they_agree_at_once()
    {
        var cluster = new VirtualCluster(
            GossipMethods.Options("ad-psgd") with { Nodes = [new("a", "virtual", 1), new("b", "virtual", 2)] }, ParameterLayout.Flat(3), seed: 1);
        cluster.Model(1).Values().Fill(1);
        cluster.UpdateSend(0, 1);
        cluster.Run(TimeSpan.FromMilliseconds(1.5));
        cluster.UpdateSend(1, 1);
        cluster.Run(Step);
        UpdateResult a = cluster.UpdateWait(0, 1);
        UpdateResult b = cluster.UpdateWait(1, 1);
        Assert.Equal((UpdateOutcome.Averaged, UpdateOutcome.Averaged), (a.Outcome, b.Outcome));
        Assert.Equal((0.5f, 0.5f), (cluster.Model(0).Values()[0], cluster.Model(1).Values()[0]));
    }

    /// <summary>What a life of a peer had applied and passed on does not come back when the next life knows nothing of it.</summary>
    [Fact]
    public void Weight_that_a_former_life_has_applied_is_not_given_back()
    {
        VirtualCluster cluster = Cluster(ExchangeKind.PushSum, seed: 3);
        cluster.OnMessage = header => header.Type == MessageType.Receipt ? Delivery.Drop : Delivery.Deliver;
        for (int round = 0; round < 5; round++)
            Round(cluster);
        Assert.True(Limbo(cluster) > 0);
        cluster.OnMessage = null;
        double others = Weights(cluster) - cluster.Node(0).Weight - cluster.Node(0).WaitingWeight;
        cluster.Restart(0);
        for (int round = 0; round < 100; round++)
            Round(cluster);
        Drain(cluster);
        Assert.Equal(0, Limbo(cluster));
        Assert.InRange(Weights(cluster), 0, others + 1.0 / Nodes + 1e-12);
    }

    /// <summary>A swap whose peer is removed in the middle keeps no snapshot, and the next step begins anew.</summary>
    [Fact]
    public void A_peer_that_is_removed_in_the_middle_of_an_offer_leaves_nothing_behind()
    {
        foreach (ExchangeKind kind in new[] { ExchangeKind.Push, ExchangeKind.PushSum, ExchangeKind.Swap })
        {
            for (int millis = 0; millis < 12; millis++)
            {
                VirtualCluster cluster = Cluster(kind, seed: millis);
                Round(cluster);
                for (int i = 0; i < Nodes; i++)
                    cluster.UpdateSend(i, 1);
                cluster.Run(TimeSpan.FromMilliseconds(millis * 0.7));
                for (int other = 1; other < Nodes; other++)
                    cluster.RemovePeer(0, $"w{other}");
                cluster.Run(TimeSpan.FromMinutes(1));
                for (int i = 0; i < Nodes; i++)
                    cluster.UpdateWait(i, 1);
                Assert.False(cluster.Node(0).Published!.IsLeased);
                Assert.InRange(Weights(cluster), 0, 1 + 1e-12);
            }
        }
    }
}
