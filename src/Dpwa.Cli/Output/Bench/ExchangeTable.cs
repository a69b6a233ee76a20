using System.Globalization;
using Dpwa.Launch.Bench;
using Dpwa.Launch.Bench.Exchange;
using Spectre.Console;

namespace Dpwa.Cli.Output.Bench;

/// <summary>What was measured of exchanges, for people: each figure beside what it is to be measured by.</summary>
internal static class ExchangeTable
{
    public static void Print(ExchangeReport report)
    {
        var console = Screen.Create();
        console.MarkupLineInterpolated($"[bold]{Screen.Plural(report.Workers, "worker")}[/], {Quantity.ShowBytes(report.Bytes)} in {Screen.Plural(report.Tensors, "tensor")}, transport {report.Transport}, codec {report.Codec}, apply {report.Apply}{Link(report)}; {Screen.Plural(report.Steps, "step")} each{(report.Pinned ? ", each on CPUs of its own" : "")}");
        console.Write(Times(report));
        console.Write(Limits(report));
        if (report.FailedExchanges > 0)
            console.MarkupLineInterpolated($"[red]{report.FailedExchanges} of {report.FailedExchanges + report.MeasuredExchanges} exchanges failed[/] and are not timed; the last one: {report.LastFailure}");
    }

    private static Table Times(ExchangeReport report)
    {
        var table = Columns("a step", "median", "99 %", "");
        table.AddRow("exchange", Ms(report.ExchangeMs.Median), Ms(report.ExchangeMs.P99), $"[bold]{Number(report.OverLimit)} ×[/] one copy and one blend at memory speed ({Ms(report.LimitMs)})");
        var isTraining = report.TrainMs > 0;
        table.AddRow("training is held", Ms(report.BlockedMs.Median), Ms(report.BlockedMs.P99), isTraining ? $"of a step with {Number(report.TrainMs)} ms of training ({report.Train})" : "[dim]there is no training: --train-ms[/]");
        table.AddRow("a step is longer by", Ms(report.LostMs.Median), Ms(report.LostMs.P99), "than the same step without an exchange");
        table.AddRow("CPU time", Ms(report.CpuMs), "", "of all threads, beyond the same step without an exchange");
        table.AddRow("allocated", string.Create(CultureInfo.InvariantCulture, $"{report.AllocatedBytesPerStep:#,0} B"), "", "");
        return table;
    }

    private static Table Limits(ExchangeReport report)
    {
        var table = Columns("a worker", "dpwa", "limit", "");
        table.AddRow("transfer", $"{Number(report.MbPerS)} MB/s", $"{Number(report.RawSocketMbPerS)} MB/s", Share(report.MbPerS, report.RawSocketMbPerS, "plain sockets between the same processes"));
        table.AddRow("mixing", $"{Number(report.MixGbPerS)} GB/s", $"{Number(report.BlendGbPerS)} GB/s", Share(report.MixGbPerS, report.BlendGbPerS, "the best plain blend, x = (1−a)·x + a·y"));
        table.AddRow("copying", "", $"{Number(report.MemcpyGbPerS)} GB/s", "a plain copy, read and written bytes");
        table.AddRow("memory", $"{Number(report.ModelCopies)} ×", "1 ×", $"the model's size: {Quantity.ShowBytes(report.PrivateMb * 1e6)} private, {Quantity.ShowBytes(report.SharedMb * 1e6)} shared");
        return table;
    }

    private static Table Columns(string first, params string[] others)
    {
        var table = new Table().Border(Console.IsOutputRedirected ? TableBorder.Ascii2 : TableBorder.Rounded).AddColumn(first);
        foreach (var (column, index) in others.Select((column, index) => (column, index))) table.AddColumn(index == others.Length - 1 ? new TableColumn(column) : new TableColumn(column).RightAligned());
        return table;
    }

    private static string Link(ExchangeReport report) => report.RateBitsPerSecond is { } rate ? $", links of {Quantity.ShowBits(rate)}" : "";

    private static string Share(double ours, double limit, string what) => string.Create(CultureInfo.InvariantCulture, $"[bold]{100 * ours / limit:0} %[/] of {what}");

    private static string Ms(double value) => $"{Number(value)} ms";

    // Three digits that mean something.
    private static string Number(double value) => value.ToString(Math.Abs(value) switch { < 10 => "0.00", < 100 => "0.0", _ => "#,0" }, CultureInfo.InvariantCulture);
}
