using System.Globalization;
using System.Text;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Dpwa.Cli.Plots;

/// <summary>ScottPlot draws straight axes: values are given as their logarithms, and the ticks say what they stand for.</summary>
internal static class LogAxis
{
    /// <summary>What powers of ten are written with.</summary>
    public const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻";

    // Below this there may be no power of ten in sight.
    private const double FewDecades = 1.5;

    // Here two figures do not tell one tick from the next.
    private const double NarrowDecades = 0.5;

    public static ITickGenerator For(double decades) =>
        decades < FewDecades
            ? new NumericAutomatic { MinorTickGenerator = Ticks.NoMinor, LabelFormatter = exponent => Ticks.Rounded(Math.Pow(10, exponent), decades < NarrowDecades ? 3 : 2) }
            : new NumericAutomatic { MinorTickGenerator = new LogMinorTickGenerator(), IntegerTicksOnly = true, LabelFormatter = exponent => PlotFont.HasSuperscripts ? $"10{Raised(exponent)}" : string.Create(CultureInfo.InvariantCulture, $"1e{exponent:0}") };

    private static string Raised(double exponent)
    {
        var text = new StringBuilder();
        foreach (var c in ((int)Math.Round(exponent)).ToString(CultureInfo.InvariantCulture)) text.Append(c == '-' ? Superscripts[^1] : Superscripts[c - '0']);
        return text.ToString();
    }
}
