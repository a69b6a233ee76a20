using Dpwa.Launch.Bench;
using Dpwa.Launch.Bench.Mix;
using Spectre.Console;

namespace Dpwa.Cli.Output.Bench;

/// <summary>What was measured of mixing, for people.</summary>
internal static class MixTable
{
    public static void Print(MixReport report)
    {
        var console = Screen.Create();
        console.MarkupLineInterpolated($"[bold]{Quantity.ShowBytes(report.Bytes)}[/], {Screen.Plural(report.Threads, "thread")}: GB/s, read and written bytes, and the share of a plain copy or blend");
        var table = Figures.Table("elements", ["copy", "publish", "", "blend", "mix, parameters", "", "mix, delta", ""]);
        foreach (var rates in report.Results)
        {
            table.AddRow(
                rates.ElementType,
                Figures.Number(rates.MemcpyGbPerS),
                Figures.Number(rates.PublishGbPerS),
                Figures.Percent(rates.PublishGbPerS, rates.MemcpyGbPerS),
                Figures.Number(rates.BlendGbPerS),
                Figures.Number(rates.MixGbPerS),
                Figures.Percent(rates.MixGbPerS, rates.BlendGbPerS),
                Figures.Number(rates.MixDeltaGbPerS),
                Figures.Percent(rates.MixDeltaGbPerS, rates.BlendGbPerS));
        }

        console.Write(table);
    }
}
