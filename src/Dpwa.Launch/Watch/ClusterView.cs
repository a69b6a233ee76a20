namespace Dpwa.Launch.Watch;

/// <summary>All nodes after a round of questions.</summary>
/// <param name="At">When the round ended, by the asker's clock, UTC.</param>
/// <param name="Nodes">One for each node of the configuration, in its order.</param>
public sealed record ClusterView(DateTimeOffset At, IReadOnlyList<NodeView> Nodes)
{
    /// <summary>Those that answered in this round.</summary>
    public IEnumerable<NodeView> Running => Nodes.Where(node => node.State is WatchState.Running);

    /// <summary>How far the models of those that run are apart, estimated (<see cref="Dpwa.ConsensusDistance"/>); of those with the model that most have. Null when fewer than two tell.</summary>
    public double? ConsensusDistance { get; } = Dpwa.ConsensusDistance.Estimate(OfOneModel(Nodes));

    /// <summary>How many steps those that run are apart: the largest clock less the smallest; null when fewer than two run.</summary>
    public double? ClockSpread { get; } = SpreadOf([.. Nodes.Where(node => node.State is WatchState.Running).Select(node => node.Status!.Clock)]);

    /// <summary>Steps per second of all that run; null when it is known of none.</summary>
    public double? StepsPerSecond => Sum(node => node.StepsPerSecond);

    /// <summary>Samples per second of all that run; null when it is known of none.</summary>
    public double? SamplesPerSecond => Sum(node => node.SamplesPerSecond);

    /// <summary>The mean of the last losses of those that run; null when none has one.</summary>
    public double? MeanLoss => Running.Average(node => node.Status!.Loss);

    private static double? SpreadOf(double[] clocks) => clocks.Length < 2 ? null : clocks.Max() - clocks.Min();

    private static IEnumerable<IReadOnlyList<float>> OfOneModel(IReadOnlyList<NodeView> nodes) => nodes
        .Where(node => node is { State: WatchState.Running, Status.Sketch.Count: > 0 })
        .GroupBy(node => node.Status!.Fingerprint, node => node.Status!.Sketch)
        .MaxBy(model => model.Count()) ?? Enumerable.Empty<IReadOnlyList<float>>();

    private double? Sum(Func<NodeView, double?> of) => Running.Any(node => of(node) is not null) ? Running.Sum(of) : null;
}
