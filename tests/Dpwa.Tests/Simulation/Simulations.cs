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

    /// <summary>By how much each round of each repetition changed the consensus distance.</summary>
    public static IReadOnlyCollection<double> Factors(SimulationSettings settings) =>
        [.. Simulator.Run(settings).Runs.SelectMany(run => run.Rounds.Zip(run.Rounds.Skip(1), (before, after) => after.ConsensusDistance / before.ConsensusDistance))];

    /// <summary>The mean consensus distance of each repetition, for one coordinate, once it is steady.</summary>
    public static IReadOnlyCollection<double> Steady(SimulationSettings settings, int from) =>
        [.. Simulator.Run(settings).Runs.Select(run => run.Rounds.Skip(from).Average(f => f.ConsensusDistance) / settings.Problem.Dimension!.Value)];
}
