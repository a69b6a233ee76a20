using System.Globalization;
using Dpwa.Simulation.Runs;

namespace Dpwa.Cli.Output.Simulate;

/// <summary>What simulations gave, a line a round.</summary>
internal static class SimulationCsv
{
    public static void Print(IReadOnlyList<SimulationReport> reports)
    {
        Console.Out.WriteLine("method,topology,round,time_s,consensus_distance,bytes_per_node,loss,worker_loss,variant");
        foreach (var (plan, result, _, _) in reports)
        {
            foreach (var figures in result.Rounds)
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{plan.Method},{plan.Topology},{figures.Round},{figures.Time:R},{figures.ConsensusDistance:R},{figures.BytesPerNode:R},{figures.Loss:R},{figures.WorkerLoss:R},{Cell(plan.Variant)}"));
        }
    }

    private static string Cell(string? text) => text is null ? "" : text.AsSpan().ContainsAny(',', '"') ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
