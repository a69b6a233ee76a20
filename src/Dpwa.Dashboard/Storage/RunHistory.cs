namespace Dpwa.Dashboard.Storage;

/// <summary>A run that is kept.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Title">The configuration that it was watched by.</param>
/// <param name="Started">When it was first seen, UTC.</param>
/// <param name="Ended">When a node of it was last seen running, UTC.</param>
/// <param name="Nodes">The names of its nodes.</param>
public sealed record RunSummary(long Id, string Title, DateTimeOffset Started, DateTimeOffset Ended, IReadOnlyList<string> Nodes);

/// <summary>A run from its beginning on: of each series one value for each of <see cref="Times"/>, null where nothing is known.</summary>
/// <param name="Run">Which.</param>
/// <param name="Width">Seconds that a point stands for.</param>
/// <param name="Times">Where each point begins, in seconds since the run began.</param>
/// <param name="Nodes">The series of each node.</param>
/// <param name="Cluster">The series of all together.</param>
/// <param name="Edges">Who exchanged with whom, in all.</param>
/// <param name="Events">The event log, oldest first.</param>
public sealed record RunHistory(
    RunSummary Run,
    double Width,
    IReadOnlyList<double> Times,
    IReadOnlyList<NodeSeries> Nodes,
    ClusterSeries Cluster,
    IReadOnlyList<Edge> Edges,
    IReadOnlyList<RunEvent> Events);

/// <summary>One node's series.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Loss">Its loss, the mean over a point.</param>
/// <param name="Clock">Its clock, the last of a point.</param>
public sealed record NodeSeries(string Name, float?[] Loss, float?[] Clock);

/// <summary>The series of all nodes together.</summary>
/// <param name="Running">How many ran, the fewest of a point.</param>
/// <param name="Loss">The mean loss.</param>
/// <param name="Consensus">The consensus distance, the mean over a point.</param>
/// <param name="Spread">The clock spread, the largest of a point.</param>
/// <param name="Steps">Steps per second.</param>
/// <param name="Samples">Samples per second.</param>
/// <param name="Bytes">Payload bytes per second.</param>
/// <param name="Averaged">Exchanges that averaged, in all of a point.</param>
/// <param name="Failed">Exchanges that brought nothing, in all of a point.</param>
public sealed record ClusterSeries(float?[] Running, float?[] Loss, float?[] Consensus, float?[] Spread, float?[] Steps, float?[] Samples, float?[] Bytes, float?[] Averaged, float?[] Failed);

/// <summary>How often one node has had another's parameters.</summary>
/// <param name="From">Whose parameters.</param>
/// <param name="To">Who mixed them.</param>
/// <param name="Averaged">Exchanges that averaged.</param>
/// <param name="Failed">Exchanges that brought nothing.</param>
public readonly record struct Edge(string From, string To, long Averaged, long Failed);
