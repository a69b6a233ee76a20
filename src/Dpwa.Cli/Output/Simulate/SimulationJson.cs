using System.Globalization;
using Dpwa.Simulation.Runs;

namespace Dpwa.Cli.Output.Simulate;

/// <summary>What simulations gave, for programs: one object for one, <c>{"runs": […]}</c> for several.</summary>
internal static class SimulationJson
{
    public static void Print(IReadOnlyList<SimulationReport> reports) =>
        Json.PrintMeasures(reports is [var only] ? Of(only) : new { Runs = reports.Select(Of) });

    private static object Of(SimulationReport report) => new
    {
        report.Plan.Method,
        report.Plan.Topology,
        report.Plan.Variant,
        Nodes = report.Plan.Settings.Options.Nodes.Count,
        TraceHash = report.Result.TraceHash.ToString("x16", CultureInfo.InvariantCulture),
        report.Seconds,
        report.PeakRssMb,
        StepsPerSecond = Number(report.Result.StepsPerSecond),
        Rounds = report.Result.Rounds.Select(figures => new
        {
            figures.Round,
            TimeS = figures.Time,
            ConsensusDistance = Number(figures.ConsensusDistance),
            figures.BytesPerNode,
            Loss = Number(figures.Loss),
            WorkerLoss = Number(figures.WorkerLoss),
        }),
    };

    /// <summary>JSON has no infinity: a training that ran away has null.</summary>
    private static double? Number(double value) => double.IsFinite(value) ? value : null;
}
