using System.Globalization;
using Dpwa.Launch.Bench;
using Dpwa.Launch.Bench.Exchange;
using Spectre.Console;
using static Dpwa.Cli.Output.Bench.Figures;

namespace Dpwa.Cli.Output.Bench;

/// <summary>What was measured of exchanges, for people: each figure beside what it is to be measured by.</summary>
internal static class ExchangeTable
{
    public static void Print(ExchangeReport report)
    {
        var console = Screen.Create();
        var link = report.RateBitsPerSecond is { } rate ? $", links of {Quantity.ShowBits(rate)}" : "";
        console.MarkupLineInterpolated($"[bold]{Screen.Plural(report.Workers, "worker")}[/], [bold]{Quantity.ShowBytes(report.Bytes)}[/] in {Screen.Plural(report.Tensors, "tensor")}, transport [bold]{report.Transport}[/]{link}, codec [bold]{report.Codec}[/], apply {report.Apply}");
        var here = report.Reporting.Count < report.Workers ? $" of {string.Join(", ", report.Reporting)}" : "";
        console.MarkupLineInterpolated($"[dim]{Screen.Plural(report.MeasuredExchanges, "exchange")}{here}{(report.Pinned ? ", every worker on CPUs of its own" : "")}; medians, and what 99 of 100 stay within[/]");
        console.Write(Times(report));
        console.Write(Limits(report));
        if (report.FailedExchanges > 0)
            console.MarkupLineInterpolated($"[red]{report.FailedExchanges} of {report.FailedExchanges + report.MeasuredExchanges} exchanges failed[/] and are not timed; the last one: {report.LastFailure}");
    }

    private static Table Times(ExchangeReport report)
    {
        var table = Table("time", ["median", "99 %"], "beside");
        table.AddRow("one exchange", Milliseconds(report.ExchangeMs.Median), Milliseconds(report.ExchangeMs.P99), $"[bold]{Number(report.OverLimit)} ×[/] a copy and a blend at memory speed, {Milliseconds(report.LimitMs)}");
        if (report.TrainMs > 0)
            table.AddRow("training is held", Milliseconds(report.BlockedMs.Median), Milliseconds(report.BlockedMs.P99), $"[bold]{Number(report.BlockedMs.Median / report.LimitAroundTrainingMs!.Value)} ×[/] a copy before and a blend after {Milliseconds(report.TrainMs)} of training ({report.Train}), {Milliseconds(report.LimitAroundTrainingMs.Value)}");
        table.AddRow("training loses", Milliseconds(report.LostMs.Median), Milliseconds(report.LostMs.P99), "the same step without an exchange");
        table.AddRow("CPU, all threads", Milliseconds(report.CpuMs), "", "the same step without an exchange");
        return table;
    }

    private static Table Limits(ExchangeReport report)
    {
        var table = Table("a worker", ["dpwa", "limit"], "beside");
        table.AddRow("transfer", $"{Number(report.MbPerS)} MB/s", $"{Number(report.RawSocketMbPerS)} MB/s", $"[bold]{Percent(report.MbPerS, report.RawSocketMbPerS)}[/] of plain sockets between the same processes");
        table.AddRow("mixing", $"{Number(report.MixGbPerS)} GB/s", $"{Number(report.BlendGbPerS)} GB/s", $"[bold]{Percent(report.MixGbPerS, report.BlendGbPerS)}[/] of the best plain blend");
        table.AddRow("copying", "", $"{Number(report.MemcpyGbPerS)} GB/s", "a plain copy, bytes read and written");
        table.AddRow("allocated a step", string.Create(CultureInfo.InvariantCulture, $"{report.AllocatedBytesPerStep:#,0} B"), "0 B", "");
        table.AddRow("memory", $"{Quantity.ShowBytes((report.PrivateMb + report.SharedMb) * 1e6)}", Quantity.ShowBytes(report.Bytes), $"[bold]{Number(report.ModelCopies)} ×[/] the model itself; {Quantity.ShowBytes(report.SharedMb * 1e6)} of it shared");
        return table;
    }
}
