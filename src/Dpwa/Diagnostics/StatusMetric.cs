namespace Dpwa.Diagnostics;

/// <summary>How the values of a metric relate to each other.</summary>
public enum StatusMetricKind
{
    /// <summary>They only grow, within one life of a node.</summary>
    Counter,

    /// <summary>They can be added up.</summary>
    UpDownCounter,

    /// <summary>They cannot.</summary>
    Gauge,
}

/// <summary>One value of a metric.</summary>
/// <param name="Value">The value.</param>
/// <param name="Attribute">The value of the metric's own attribute; null when it has none.</param>
public readonly record struct StatusReading(double Value, string? Attribute = null);

/// <summary>
/// A metric that is read from the status of a node: by the meter <c>Dpwa</c> in the node's own process, and by who asks nodes over the network (<see cref="NodeStatus"/>). Names, units and attributes follow the
/// OpenTelemetry conventions; beside its own attribute each has <c>dpwa.node</c>. docs/monitoring.md lists them all.
/// </summary>
public sealed class StatusMetric
{
    private const string OtherPeers = "_other";

    private static readonly (PeerState State, string Name)[] States =
        [(PeerState.Available, "available"), (PeerState.BackingOff, "backing_off"), (PeerState.Left, "left"), (PeerState.Quarantined, "quarantined")];

    private readonly Func<NodeStatus, int, IEnumerable<StatusReading>> _read;

    private StatusMetric(string name, StatusMetricKind kind, string? unit, string description, string? attribute, Func<NodeStatus, int, IEnumerable<StatusReading>> read) =>
        (Name, Kind, Unit, Description, Attribute, _read) = (name, kind, unit, description, attribute, read);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<StatusMetric> All { get; } =
    [
        Counter("dpwa.steps", "{step}", "Steps begun.", s => s.Round),
        Counter("dpwa.samples", "{sample}", "Samples trained on, as far as the node was told (AddSamples).", s => s.Samples),
        Counter("dpwa.blocked.time", "s", "How long UpdateWait has held the trainer in all.", s => s.BlockedSeconds),
        Gauge("dpwa.clock", "{step}", "The clock of the method: +1 at each step, averaged with the peer's.", s => s.Clock),
        Gauge("dpwa.loss", null, "The last loss that the trainer gave.", s => s.Loss),
        Gauge("dpwa.snapshot.size", "By", "Bytes of what the node publishes.", s => s.SnapshotBytes),
        new("dpwa.exchanges", StatusMetricKind.Counter, "{exchange}", "UpdateWait calls, by what they came to.", "dpwa.outcome", (s, _) => s.Outcomes.Zip(OutcomeNames.All, (count, name) => new StatusReading(count, name))),
        new("dpwa.network.io", StatusMetricKind.Counter, "By", "Payload bytes, by direction.", "network.io.direction", (s, _) =>
        [
            new(s.Peers.Sum(p => (double)p.BytesReceived), "receive"),
            new(s.Peers.Sum(p => (double)p.BytesSent), "transmit"),
        ]),
        new("dpwa.peers", StatusMetricKind.UpDownCounter, "{peer}", "Peers, by how they stand with this node.", "dpwa.peer.state", (s, _) => States.Select(state => new StatusReading(s.Peers.Count(p => p.State == state.State), state.Name))),
        PeerCounter("dpwa.peer.exchanges", "{exchange}", "Exchanges with a peer that delivered its parameters.", p => p.Exchanges),
        PeerCounter("dpwa.peer.failures", "{attempt}", "Attempts on a peer that failed.", p => p.Failures),
        new("dpwa.peer.score", StatusMetricKind.Gauge, null, "The flow-control score of a peer, from 10 to 1000.", "dpwa.peer", (s, most) => s.Peers.Take(most).Select(p => new StatusReading(p.Score, p.Name))) { IsOfPeers = true },
    ];

    /// <summary>Its name, for instance <c>dpwa.steps</c>.</summary>
    public string Name { get; }

    /// <summary>How its values relate to each other.</summary>
    public StatusMetricKind Kind { get; }

    /// <summary>By UCUM; what is counted is in braces. Null for a number without one.</summary>
    public string? Unit { get; }

    /// <summary>What it is, a sentence.</summary>
    public string Description { get; }

    /// <summary>The attribute that tells its values of one node apart; null when there is one value a node.</summary>
    public string? Attribute { get; }

    /// <summary>Whether there is a value a peer: in a cluster of n nodes n² in all.</summary>
    public bool IsOfPeers { get; private init; }

    /// <summary>Its values; none when the node does not have it.</summary>
    /// <param name="status">How the node is.</param>
    /// <param name="mostPeers">Of how many peers each has a value of its own; what is counted of the rest is summed up under <c>_other</c>.</param>
    public IEnumerable<StatusReading> Read(NodeStatus status, int mostPeers)
    {
        ArgumentNullException.ThrowIfNull(status);
        ArgumentOutOfRangeException.ThrowIfNegative(mostPeers);
        return _read(status, mostPeers);
    }

    private static StatusMetric Counter(string name, string unit, string description, Func<NodeStatus, double?> value) => new(name, StatusMetricKind.Counter, unit, description, null, One(value));

    private static StatusMetric Gauge(string name, string? unit, string description, Func<NodeStatus, double?> value) => new(name, StatusMetricKind.Gauge, unit, description, null, One(value));

    private static Func<NodeStatus, int, IEnumerable<StatusReading>> One(Func<NodeStatus, double?> value) => (s, _) => value(s) is { } known ? [new(known)] : [];

    private static StatusMetric PeerCounter(string name, string unit, string description, Func<PeerStatus, double> value) => new(name, StatusMetricKind.Counter, unit, description, "dpwa.peer", (s, most) =>
    {
        IEnumerable<StatusReading> own = s.Peers.Take(most).Select(p => new StatusReading(value(p), p.Name));
        return s.Peers.Count <= most ? own : own.Append(new(s.Peers.Skip(most).Sum(value), OtherPeers));
    })
    {
        IsOfPeers = true,
    };
}
