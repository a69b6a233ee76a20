namespace Dpwa.Simulation.Runs;

/// <summary>What one repetition gave.</summary>
/// <param name="TraceHash">A hash over all that was delivered, in order, and the models at the end.</param>
/// <param name="Rounds">The start, and how the cluster stood after each round.</param>
public sealed record SimulationRun(ulong TraceHash, IReadOnlyList<RoundFigures> Rounds);

/// <summary>What all repetitions gave.</summary>
/// <param name="Runs">Each.</param>
public sealed record SimulationResult(IReadOnlyList<SimulationRun> Runs)
{
    /// <summary>The start, and how the cluster stood after each round: the mean of all repetitions.</summary>
    public IReadOnlyList<RoundFigures> Rounds { get; } =
        [.. Enumerable.Range(0, Runs[0].Rounds.Count).Select(round => RoundFigures.Mean([.. Runs.Select(run => run.Rounds[round])]))];

    /// <summary>A hash over the repetitions' hashes; that of the only one.</summary>
    public ulong TraceHash { get; } = HashOf(Runs);

    /// <summary>The steps of all nodes together in a virtual second.</summary>
    public double StepsPerSecond => Rounds[^1].Steps / Rounds[^1].Time;

    /// <summary>The first round after which the variance of the nodes that are up, V/<see cref="RoundFigures.Up"/>, is below a threshold; null when there is none.</summary>
    /// <param name="threshold">The threshold.</param>
    public int? RoundsUntil(double threshold)
    {
        foreach (RoundFigures figures in Rounds)
        {
            if (figures.ConsensusDistance / figures.Up < threshold)
                return figures.Round;
        }

        return null;
    }

    private static ulong HashOf(IReadOnlyList<SimulationRun> runs)
    {
        if (runs.Count == 1)
            return runs[0].TraceHash;
        var hash = new TraceHash();
        foreach (SimulationRun run in runs)
            hash.Add(run.TraceHash);
        return hash.Value;
    }
}
