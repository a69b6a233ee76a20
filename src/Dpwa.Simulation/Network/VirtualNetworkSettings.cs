namespace Dpwa.Simulation.Network;

/// <summary>The network between virtual nodes. By default everything arrives after a millisecond, whatever its length.</summary>
public sealed record VirtualNetworkSettings
{
    /// <summary>How long a message takes, beside what its length takes (1 ms). Messages of one connection do not overtake each other.</summary>
    public DelayDistribution Latency { get; init; } = DelayDistribution.Constant(TimeSpan.FromMilliseconds(1));

    /// <summary>What each node's link carries in a second, in each direction, in bytes, drawn once for each node; what several want at once queues, and what goes from node to node takes as
    /// long as the slower of their links. Null: without limit.</summary>
    public RateDistribution? BytesPerSecond { get; init; }

    /// <summary>The chance in [0, 1] that a message is lost for good (0). The connection stays, and the time-out of who waits for it tells.</summary>
    public double MessageLoss { get; init; }

    /// <summary>The chance in [0, 1] that a pair of nodes cannot reach each other in a round (0): connecting is refused, and an open connection breaks at its next message.</summary>
    public double FailureRate { get; init; }

    /// <summary>How long a round of <see cref="FailureRate"/> is (1 s).</summary>
    public TimeSpan Round { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Times in which parts of the cluster are cut off (none).</summary>
    public IReadOnlyList<NetworkPartition> Partitions { get; init; } = [];
}
