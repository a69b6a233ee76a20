using Dpwa.Simulation.Problems;
using Dpwa.Simulation.Runs;

namespace Dpwa.Tests.Simulation;

/// <summary>The simulations of these tests.</summary>
internal static class Simulations
{
    public static DpwaOptions Nodes(this DpwaOptions options, int nodes) =>
        options with { Nodes = [.. Enumerable.Range(1, nodes).Select(i => new DpwaNode($"w{i}", "virtual", i))] };

    public static SimulationSettings Of(DpwaOptions options, int nodes, int rounds, int dimension = 1) =>
        new() { Options = options.Nodes(nodes), Rounds = rounds, Problem = new() { Dimension = dimension } };

    /// <summary>A walk by noise alone.</summary>
    public static ProblemSettings Noise(int dimension, double rate) => new() { Kind = ProblemKind.Quadratic, Curvature = 0, Noise = 1, LearningRate = rate, Dimension = dimension };

    /// <summary>By how much each round of each repetition changed the consensus distance. A round that finds the nodes together, as pairs that fall well can bring them, says nothing.</summary>
    public static IReadOnlyCollection<double> Factors(SimulationSettings settings) =>
    [
        .. from run in Simulator.Run(settings).Runs
           from pair in run.Rounds.Zip(run.Rounds.Skip(1))
           where pair.First.ConsensusDistance > 1e-6
           select pair.Second.ConsensusDistance / pair.First.ConsensusDistance,
    ];

    /// <summary>The mean consensus distance of each repetition, for one coordinate, once it is steady.</summary>
    public static IReadOnlyCollection<double> Steady(SimulationSettings settings, int from) =>
        [.. Simulator.Run(settings).Runs.Select(run => run.Rounds.Skip(from).Average(f => f.ConsensusDistance) / settings.Problem.Dimension!.Value)];
}
