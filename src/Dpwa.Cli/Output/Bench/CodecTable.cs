using System.Globalization;
using Dpwa.Launch.Bench;
using Dpwa.Launch.Bench.Codecs;
using Spectre.Console;

namespace Dpwa.Cli.Output.Bench;

/// <summary>What was measured of codecs, for people.</summary>
internal static class CodecTable
{
    public static void Print(CodecReport report)
    {
        var console = Screen.Create();
        console.MarkupLineInterpolated($"[bold]{report.Values:#,0} values[/] of a standard normal distribution, {Quantity.ShowBytes(report.Bytes)} as float32, one thread");
        var table = Figures.Table("codec", ["encoded", "smaller", "encode", "decode", "mean squared error"]);
        foreach (var rates in report.Results)
        {
            table.AddRow(
                rates.Codec,
                Quantity.ShowBytes(rates.EncodedBytes),
                $"{Figures.Number(rates.Ratio)} ×",
                $"{Figures.Number(rates.EncodeGbPerS)} GB/s",
                $"{Figures.Number(rates.DecodeGbPerS)} GB/s",
                rates.MeanSquaredError == 0 ? "0" : rates.MeanSquaredError.ToString("0.0e-0", CultureInfo.InvariantCulture));
        }

        console.Write(table);
        console.MarkupLine("[dim]GB/s of float32 values: what is encoded, and what is decoded to[/]");
    }
}
