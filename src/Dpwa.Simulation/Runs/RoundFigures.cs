namespace Dpwa.Simulation.Runs;

/// <summary>How the cluster stands between two rounds.</summary>
/// <param name="Round">The number of rounds that are over; 0 is the start.</param>
/// <param name="Time">The virtual time, in seconds.</param>
/// <param name="ConsensusDistance">V = Σ‖x_i − x̄‖² over the nodes that are up.</param>
/// <param name="BytesPerNode">Bytes of parameters, as they travel, that a node has sent, on average.</param>
/// <param name="Loss">The loss of the mean model on everything.</param>
/// <param name="WorkerLoss">The mean of the nodes' own losses: each has that of its last step, and before its first that of its start model on everything.</param>
/// <param name="Up">The number of nodes that are up; V/Up is the variance of their models. While none is, the figures are those of the last round that had some.</param>
/// <param name="Steps">The steps that all nodes have ended, together.</param>
public readonly record struct RoundFigures(int Round, double Time, double ConsensusDistance, double BytesPerNode, double Loss, double WorkerLoss, double Up, double Steps)
{
    /// <summary>The means of one round's figures over several runs.</summary>
    public static RoundFigures Mean(IReadOnlyList<RoundFigures> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return new(
            runs[0].Round, runs.Average(f => f.Time), runs.Average(f => f.ConsensusDistance), runs.Average(f => f.BytesPerNode),
            runs.Average(f => f.Loss), runs.Average(f => f.WorkerLoss), runs.Average(f => f.Up), runs.Average(f => f.Steps));
    }
}
