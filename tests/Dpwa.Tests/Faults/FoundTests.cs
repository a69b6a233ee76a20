using Dpwa.Protocol;
using Dpwa.Simulation;
using Dpwa.Simulation.Faults;

namespace Dpwa.Tests.Faults;

/// <summary>What seeds have found, as a case each: two nodes, and nothing but what it takes.</summary>
public class FoundTests
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(1);

    /// <summary>An offer came twice. Its first copy was taken up and the answer lost; the second was refused, and the weight counted on both sides.</summary>
    [Fact]
    public void An_offer_that_comes_twice_is_not_taken_up_and_refused()
    {
        VirtualCluster cluster = Cluster(ExchangeKind.PushSum, header => header.Type switch
        {
            MessageType.Offer => new() { IsDoubled = true },
            MessageType.Accepted => new() { IsLost = true },
            _ => default,
        });
        cluster.UpdateSend(0, 1);
        cluster.Run(Later);
        Assert.Equal(UpdateOutcome.Averaged, cluster.UpdateWait(1, 1).Outcome);
        Assert.Equal(1, cluster.Node(0).Weight + cluster.Node(1).Weight, 12);
    }

    /// <summary>A peer that had never been heard of took an offer up, was not heard, and ended. Its next life knew of nothing, and what had been applied came back.</summary>
    [Fact]
    public void A_life_that_was_never_heard_of_is_not_mistaken_for_the_next()
    {
        bool isMute = true;
        VirtualCluster cluster = Cluster(ExchangeKind.PushSum, header => isMute && header.Type is MessageType.Accepted ? new() { IsLost = true } : isMute && header is { Type: MessageType.Receipt, Flags: 1 } ? new() { CutAt = 0 } : default);
        cluster.UpdateSend(0, 1);
        cluster.Run(Later);
        Assert.Equal(0.25, cluster.Node(1).WaitingWeight);
        Assert.Single(cluster.Node(0).InLimbo);
        cluster.UpdateWait(0, 1);
        cluster.Restart(1);
        isMute = false;
        for (int step = 0; step < 20; step++)
        {
            cluster.UpdateSend(0, 1);
            cluster.Run(Later);
            cluster.UpdateWait(0, 1);
            cluster.UpdateWait(1, 1);
        }

        // The quarter that had been applied is gone with its process; the new one has brought a half.
        Assert.Empty(cluster.Node(0).InLimbo);
        Assert.Equal(0.75, cluster.Node(0).Weight + cluster.Node(1).Weight, 12);
    }

    /// <summary>A worker that joined late said that it had all pieces, under a number that was also that of an offer to it. The offer counted as applied, and its weight was lost.</summary>
    [Fact]
    public void A_receipt_of_pieces_settles_no_offer()
    {
        VirtualCluster cluster = Cluster(ExchangeKind.PushSum, header => header.Type == MessageType.Fetch ? new() { IsLost = true } : default);
        cluster.UpdateSend(0, 1);
        cluster.Run(Later);
        ulong offer = Assert.Single(cluster.Node(0).InLimbo).Request;
        ulong request = 0;
        ((Plan)cluster.Faults!).Fate = header =>
        {
            request = header.Type == MessageType.PieceRequest ? header.Request : request;
            return default;
        };
        bool hasModel = false;
        cluster.Bootstrap(1, Later, result => hasModel = result.HasModel);
        cluster.Run(Later);
        Assert.True(hasModel && request == offer, $"the numbers do not meet: {request} and {offer}");
        Assert.Single(cluster.Node(0).InLimbo);
        cluster.UpdateWait(0, 1);
        cluster.UpdateSend(0, 1);
        cluster.Run(Later);
        Assert.Equal(1, cluster.Node(0).Weight + cluster.Node(1).Weight + cluster.Node(1).WaitingWeight, 12);
    }

    /// <summary>A refusal came twice, the second time to a node that asked nobody: that was an internal error.</summary>
    [Fact]
    public void A_body_that_nobody_has_asked_for_ends_its_connection_and_nothing_else()
    {
        VirtualCluster cluster = Cluster(ExchangeKind.Pull, header => header.Type == MessageType.Refusal ? new() { IsDoubled = true } : default);
        cluster.UpdateSend(0, 1);
        Assert.Equal(UpdateOutcome.NoPeer, cluster.UpdateWait(0, 1).Outcome);
        cluster.UpdateSend(0, 1);
        Assert.Equal(1, cluster.Connections(0));
        cluster.Run(TimeSpan.FromMilliseconds(10));
        Assert.Equal(0, cluster.Connections(0));
    }

    private static VirtualCluster Cluster(ExchangeKind kind, Func<MessageHeader, FrameFate> fate) => new(
        new DpwaOptions { Nodes = [new("a", "virtual", 1), new("b", "virtual", 2)], Exchange = kind, Timeout = TimeSpan.FromMilliseconds(100) }, ParameterLayout.Flat(300), seed: 1)
    {
        Faults = new Plan { Fate = fate },
    };

    private sealed class Plan : INetworkFaults
    {
        public required Func<MessageHeader, FrameFate> Fate { get; set; }

        public ConnectFate OnConnect(TimeSpan now, int from, int to) => default;

        public FrameFate OnFrame(TimeSpan now, int from, int to, in MessageHeader header) => Fate(header);
    }
}
