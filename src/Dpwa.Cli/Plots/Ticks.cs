using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Dpwa.Cli.Plots;

/// <summary>Figures at an axis.</summary>
internal static class Ticks
{
    /// <summary>Small ticks are a line each, half of a plot's file, and say nothing on a straight axis.</summary>
    public static IMinorTickGenerator NoMinor { get; } = new EvenlySpacedMinorTickGenerator(1);

    /// <summary><c>20</c>, <c>1.5k</c>, <c>20M</c>.</summary>
    public static string Short(double value) => Math.Abs(value) switch
    {
        >= 1e9 => $"{Number(value / 1e9)}G",
        >= 1e6 => $"{Number(value / 1e6)}M",
        >= 1e3 => $"{Number(value / 1e3)}k",
        _ => Number(value),
    };

    /// <summary>With two figures: <c>630</c>, <c>1.6k</c>, <c>0.079</c>.</summary>
    public static string Rounded(double value, int figures)
    {
        var text = value.ToString($"G{figures}", CultureInfo.InvariantCulture);
        return value < 100 ? text : Short(double.Parse(text, CultureInfo.InvariantCulture));
    }

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
