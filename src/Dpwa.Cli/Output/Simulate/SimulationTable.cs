using System.Globalization;
using Dpwa.Cli.Output.Bench;
using Dpwa.Launch.Bench;
using Dpwa.Simulation.Runs;
using Spectre.Console;

namespace Dpwa.Cli.Output.Simulate;

/// <summary>What simulations gave, for people: how each ended, side by side, and how it went there.</summary>
internal static class SimulationTable
{
    private const int MostRows = 20;
    private const double Together = 1e-4;

    public static void Print(IReadOnlyList<SimulationReport> reports)
    {
        var console = Screen.Create();
        var settings = reports[0].Plan.Settings;
        console.MarkupLineInterpolated($"[bold]{Screen.Plural(settings.Options.Nodes.Count, "node")}[/], problem [bold]{settings.Problem.Kind.ToString().ToLowerInvariant()}[/], {Screen.Plural(settings.Rounds, "round")}{(settings.Repeat > 1 ? $", means of {settings.Repeat} repetitions" : "")}");
        foreach (var report in reports) console.Write(Course(report));
        console.Write(Summary(reports));
        console.MarkupLine("[dim]consensus distance: Σ‖x − mean‖² over the nodes; loss: of the mean model on everything; times are virtual but for the last column[/]");
    }

    private static Table Course(SimulationReport report)
    {
        var table = Figures.Table("round", ["time", "consensus distance", "bytes a node", "loss", "workers' loss"]).Title(Markup.Escape(report.Plan.Name));
        var rounds = report.Result.Rounds;
        for (var row = 0; row <= Math.Min(MostRows, rounds.Count - 1); row++)
        {
            var figures = rounds[(int)((long)row * (rounds.Count - 1) / Math.Min(MostRows, rounds.Count - 1))];
            table.AddRow(Whole(figures.Round), $"{Short(figures.Time)} s", Short(figures.ConsensusDistance), Quantity.ShowBytes(figures.BytesPerNode), Short(figures.Loss), Short(figures.WorkerLoss));
        }

        return table;
    }

    private static Table Summary(IReadOnlyList<SimulationReport> reports)
    {
        var table = Figures.Table(reports[0].Plan.Variant is null ? "method" : "variant", ["topology", "steps per second", "variance < 1e-4", "loss", "bytes a node", "trace", "took"]);
        foreach (var report in reports)
        {
            var last = report.Result.Rounds[^1];
            table.AddRow(
                Markup.Escape(report.Plan.Variant is null ? report.Plan.Method : report.Plan.Name), report.Plan.Topology, Figures.Number(report.Result.StepsPerSecond), WhenTogether(report), Short(last.Loss), Quantity.ShowBytes(last.BytesPerNode),
                report.Result.TraceHash.ToString("x16", CultureInfo.InvariantCulture), $"{Figures.Number(report.Seconds)} s, {report.PeakRssMb.ToString("0", CultureInfo.InvariantCulture)} MB");
        }

        return table;
    }

    /// <summary>Where all begin alike there is nothing to bring together.</summary>
    private static string WhenTogether(SimulationReport report) => report.Result.RoundsUntil(Together) switch
    {
        null => "not yet",
        0 => "",
        { } round => $"round {round}",
    };

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Short(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
