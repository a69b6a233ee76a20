using Dpwa.Simulation.Runs;
using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace Dpwa.Cli.Plots;

/// <summary>Consensus distance above, loss below; against rounds, virtual time and bytes from left to right. A colour for each simulation.</summary>
internal sealed class SimulationPlot(IReadOnlyList<SimulationReport> reports)
{
    public const int Width = 1500;

    private const int Panels = 776, Title = 56, LegendLine = 28, Margin = 24, Gap = 18;

    // What is less than a tenbillionth of the most is rounding, and would press everything else together.
    private const double Decades = 10;

    // Told apart by people who see colours differently too (Okabe and Ito), the yellow left out: it is faint on white.
    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000"];
    private static readonly LinePattern[] Patterns = [LinePattern.Solid, LinePattern.Dashed, LinePattern.Dotted];
    private static readonly Color Ink = Color.FromHex("#222222"), Pale = Color.FromHex("#E4E7EB");

    private readonly bool _lossIsLog = HasDecades(reports);
    private readonly LegendEntry[] _legend = Legend(reports);

    public int Height => Header + Panels;

    private int Header => Title + LegendLine * (_legend.Max(entry => entry.Row) + 1);

    public void Render(SKCanvas canvas)
    {
        canvas.Clear(SKColors.White);
        RenderHeader(canvas);
        (string Label, Func<RoundFigures, double> Of)[] across = [("rounds", f => f.Round), ("virtual time (s)", f => f.Time), ("bytes sent by a node", f => f.BytesPerNode)];
        for (var column = 0; column < across.Length; column++)
        {
            Panel(canvas, column, 0, across[column], ("consensus distance  Σ‖x − x̄‖²", f => f.ConsensusDistance), isLog: true);
            Panel(canvas, column, 1, across[column], ("loss of the mean model", f => f.Loss), _lossIsLog);
        }
    }

    /// <summary>A loss over less than a decade reads better on a plain axis.</summary>
    private static bool HasDecades(IReadOnlyList<SimulationReport> reports)
    {
        var losses = reports.SelectMany(report => report.Result.Rounds).Select(figures => figures.Loss).Where(loss => double.IsFinite(loss) && loss > 0).ToArray();
        return losses.Length > 0 && losses.Max() > 10 * losses.Min();
    }

    private static string NameOf(SimulationReport report) => report.Plan.Topology == "all" ? report.Plan.Method : $"{report.Plan.Method}, {report.Plan.Topology}";

    private void RenderHeader(SKCanvas canvas)
    {
        var settings = reports[0].Plan.Settings;
        var repeated = settings.Repeat > 1 ? $", means of {settings.Repeat} repetitions" : "";
        var title = new LabelStyle { Text = $"{settings.Options.Nodes.Count} nodes, {settings.Problem.Kind.ToString().ToLowerInvariant()}{repeated}", FontSize = 22, Bold = true, FontName = PlotFont.Name, ForeColor = Ink, Alignment = Alignment.MiddleLeft };
        using var paint = Paint.NewDisposablePaint();
        title.Render(canvas, new Pixel(Margin, 28), paint);
        for (var i = 0; i < _legend.Length; i++)
        {
            var (text, x, row) = _legend[i];
            var y = Title + 6 + row * LegendLine;
            Drawing.DrawLine(canvas, paint, new Pixel(x, y), new Pixel(x + 34, y), LineOf(i));
            NameStyle(text).Render(canvas, new Pixel(x + 42, y), paint);
        }
    }

    /// <summary>In as many lines as it takes.</summary>
    private static LegendEntry[] Legend(IReadOnlyList<SimulationReport> reports)
    {
        using var paint = Paint.NewDisposablePaint();
        var entries = new LegendEntry[reports.Count];
        var (x, row) = ((float)Margin, 0);
        for (var i = 0; i < entries.Length; i++)
        {
            var text = NameOf(reports[i]);
            var width = 42 + NameStyle(text).Measure(text, paint).Width;
            if (x > Margin && x + width > Width - Margin) (x, row) = (Margin, row + 1);
            entries[i] = new(text, x, row);
            x += width + 32;
        }

        return entries;
    }

    private static LabelStyle NameStyle(string text) => new() { Text = text, FontSize = 16, FontName = PlotFont.Name, ForeColor = Ink, Alignment = Alignment.MiddleLeft };

    private static LineStyle LineOf(int index) => new() { Color = Color.FromHex(Colours[index % Colours.Length]), Width = 2.5f, Pattern = Patterns[index / Colours.Length % Patterns.Length] };

    private void Panel(SKCanvas canvas, int column, int row, (string Label, Func<RoundFigures, double> Of) across, (string Label, Func<RoundFigures, double> Of) up, bool isLog)
    {
        using var plot = new Plot();

        // Else each panel would wipe out those before it.
        plot.RenderManager.ClearCanvasBeforeEachRender = false;
        var values = reports.SelectMany(report => report.Result.Rounds).Select(up.Of).Where(value => double.IsFinite(value) && (!isLog || value > 0)).Select(value => isLog ? Math.Log10(value) : value).DefaultIfEmpty(0).ToArray();
        var highest = values.Max();
        var lowest = isLog ? Math.Max(values.Min(), highest - Decades) : values.Min();
        for (var i = 0; i < reports.Count; i++)
        {
            var points = reports[i].Result.Rounds.Select(figures => (X: across.Of(figures), Y: up.Of(figures))).Where(point => double.IsFinite(point.Y)).ToArray();
            if (points.Length == 0) continue;
            // A nought has no logarithm: the line leaves below.
            var line = plot.Add.ScatterLine(points.Select(point => point.X).ToArray(), points.Select(point => !isLog ? point.Y : point.Y > 0 ? Math.Log10(point.Y) : lowest - Decades).ToArray());
            line.LineStyle = LineOf(i);
        }

        if (isLog) LogAxis.Use(plot, highest - lowest);
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic { LabelFormatter = Ticks.Short };
        plot.Axes.Margins(0.02, 0);
        plot.Axes.AutoScaleX();
        var room = Math.Max(0.06 * (highest - lowest), 1e-9);
        plot.Axes.SetLimitsY(lowest - room, highest + room);
        if (row == 1) plot.XLabel(across.Label);
        if (column == 0) plot.YLabel(up.Label);
        Dress(plot);
        const int width = (Width - 4 * Gap) / 3, height = (Panels - 2 * Gap) / 2;
        float left = Gap + column * (width + Gap), top = Header + row * (height + Gap);
        plot.Render(canvas, new PixelRect(left, left + width, top + height, top));
    }

    private static void Dress(Plot plot)
    {
        plot.Font.Set(PlotFont.Name);
        plot.FigureBackground.Color = Colors.White;
        plot.Grid.MajorLineColor = Pale;
        plot.Axes.Color(Ink);
        plot.Axes.Top.IsVisible = false;
        plot.Axes.Right.IsVisible = false;
        foreach (var axis in new IAxis[] { plot.Axes.Bottom, plot.Axes.Left })
        {
            axis.TickLabelStyle.FontSize = 14;
            axis.Label.FontSize = 16;
            axis.Label.Bold = false;
        }
    }

    private readonly record struct LegendEntry(string Text, float X, int Row);
}
