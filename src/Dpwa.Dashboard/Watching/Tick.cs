using Dpwa.Dashboard.Storage;

namespace Dpwa.Dashboard.Watching;

/// <summary>How a node stands, as the page shows it. The order is that of how much it matters: of several moments in one point of the past the largest is kept.</summary>
public enum NodeStanding
{
    /// <summary>It has not answered in this run yet.</summary>
    Waiting,

    /// <summary>It answers.</summary>
    Running,

    /// <summary>It has said goodbye.</summary>
    Left,

    /// <summary>It answered in this run, and does not now.</summary>
    Silent,
}

/// <summary>One node at one moment.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">How it stands.</param>
public sealed record NodeTick(string Name, NodeStanding State)
{
    /// <summary>Steps begun in its present life.</summary>
    public long? Step { get; init; }

    /// <summary>The clock of the method.</summary>
    public double? Clock { get; init; }

    /// <summary>Its last loss.</summary>
    public double? Loss { get; init; }

    /// <summary>Steps per second.</summary>
    public double? Steps { get; init; }

    /// <summary>Samples per second; null where it is not told of samples.</summary>
    public double? Samples { get; init; }

    /// <summary>Payload bytes per second that it receives.</summary>
    public double? Bytes { get; init; }

    /// <summary>Exchanges of its present life that averaged.</summary>
    public long? Averaged { get; init; }

    /// <summary>Exchanges of its present life that brought nothing.</summary>
    public long? Failed { get; init; }

    /// <summary>Its flow-control score as the others see it, in [10, 1000].</summary>
    public double? Score { get; init; }

    /// <summary>Why it does not answer, or why its last step that failed did, in words.</summary>
    public string? Error { get; init; }
}

/// <summary>All nodes together at one moment.</summary>
public sealed record ClusterTick
{
    /// <summary>How many run.</summary>
    public int Running { get; init; }

    /// <summary>The mean of their losses.</summary>
    public double? Loss { get; init; }

    /// <summary>How far their models are apart (<see cref="ConsensusDistance"/>).</summary>
    public double? Consensus { get; init; }

    /// <summary>The largest clock less the smallest.</summary>
    public double? Spread { get; init; }

    /// <summary>Steps per second.</summary>
    public double? Steps { get; init; }

    /// <summary>Samples per second.</summary>
    public double? Samples { get; init; }

    /// <summary>Payload bytes per second that are received.</summary>
    public double? Bytes { get; init; }

    /// <summary>Exchanges that averaged since the moment before.</summary>
    public int Averaged { get; init; }

    /// <summary>Exchanges that brought nothing since the moment before.</summary>
    public int Failed { get; init; }
}

/// <summary>An exchange, as an edge that lights up: nodes by their place in <see cref="Tick.Nodes"/>.</summary>
/// <param name="From">Whose parameters were asked for.</param>
/// <param name="To">Who asked, and mixed them.</param>
/// <param name="Ok">Whether it averaged.</param>
/// <param name="Ago">Seconds before the moment.</param>
public readonly record struct ExchangeTick(int From, int To, bool Ok, double Ago);

/// <summary>What the page is told of one moment.</summary>
/// <param name="Run">The run; null while none has begun.</param>
/// <param name="T">Seconds since the run began.</param>
/// <param name="At">The moment, UTC.</param>
/// <param name="Nodes">Those of the configuration, in its order.</param>
/// <param name="Cluster">All together.</param>
/// <param name="Exchanges">The newest since the moment before; not all of them where there are very many.</param>
/// <param name="Events">What happened.</param>
public sealed record Tick(
    long? Run,
    double T,
    DateTimeOffset At,
    IReadOnlyList<NodeTick> Nodes,
    ClusterTick Cluster,
    IReadOnlyList<ExchangeTick> Exchanges,
    IReadOnlyList<RunEvent> Events);
