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

    // More points than that, nobody sees, and files grow by them.
    private const int MostPoints = 100;

    // Told apart by people who see colours differently too (Okabe and Ito), the yellow left out: it is faint on white.
    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000"];

    private static readonly (float Width, double Alpha) Broad = (5, 0.6);
    private const float Narrow = 2;

    private static readonly Color Ink = Color.FromHex("#222222"), Pale = Color.FromHex("#E4E7EB");

    // Over less than a decade a plain axis reads better.
    private readonly bool _lossIsLog = HasDecades(reports.SelectMany(report => report.Result.Rounds).Select(figures => figures.Loss));
    private readonly bool _bytesAreLog = HasDecades(reports.Select(report => report.Result.Rounds[^1].BytesPerNode));
    private readonly LegendEntry[] _legend = Legend(reports);

    public int Height => Header + Panels;

    private int Header => Title + LegendLine * (_legend.Max(entry => entry.Row) + 1);

    public void Render(SKCanvas canvas)
    {
        canvas.Clear(SKColors.White);
        RenderHeader(canvas);
        Across[] across = [new("rounds", f => f.Round), new("virtual time (s)", f => f.Time), new("bytes sent by a node", f => f.BytesPerNode, _bytesAreLog)];
        for (var column = 0; column < across.Length; column++)
        {
            Panel(canvas, column, 0, across[column], ("consensus distance  Σ‖x − x̄‖²", f => f.ConsensusDistance), isLog: true);
            Panel(canvas, column, 1, across[column], ("loss of the mean model", f => f.Loss), _lossIsLog);
        }
    }

    private static bool HasDecades(IEnumerable<double> values)
    {
        var positive = values.Where(value => double.IsFinite(value) && value > 0).ToArray();
        return positive.Length > 0 && positive.Max() > 10 * positive.Min();
    }

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
            var text = reports[i].Plan.Name;
            var width = 42 + NameStyle(text).Measure(text, paint).Width;
            if (x > Margin && x + width > Width - Margin) (x, row) = (Margin, row + 1);
            entries[i] = new(text, x, row);
            x += width + 32;
        }

        return entries;
    }

    private static LabelStyle NameStyle(string text) => new() { Text = text, FontSize = 16, FontName = PlotFont.Name, ForeColor = Ink, Alignment = Alignment.MiddleLeft };

    /// <summary>In turn broad and narrow, so that the next does not hide a line that it runs on. (Dashes do the same, but make files several times as large.)</summary>
    private static LineStyle LineOf(int index) => index % 2 == 0
        ? new() { Color = Color.FromHex(Colours[index % Colours.Length]).WithAlpha(Broad.Alpha), Width = Broad.Width }
        : new() { Color = Color.FromHex(Colours[index % Colours.Length]), Width = Narrow };

    private void Panel(SKCanvas canvas, int column, int row, Across across, (string Label, Func<RoundFigures, double> Of) up, bool isLog)
    {
        using var plot = new Plot();

        // Else each panel would wipe out those before it.
        plot.RenderManager.ClearCanvasBeforeEachRender = false;
        var values = reports.SelectMany(report => report.Result.Rounds).Select(up.Of).Where(value => double.IsFinite(value) && (!isLog || value > 0)).Select(value => isLog ? Math.Log10(value) : value).DefaultIfEmpty(0).ToArray();
        var highest = values.Max();
        var lowest = isLog ? Math.Max(values.Min(), highest - Decades) : values.Min();

        // A nought has no logarithm: the line leaves below, just out of sight.
        var below = lowest - 0.2 * (highest - lowest + 1);
        for (var i = 0; i < reports.Count; i++)
        {
            var points = Some(reports[i].Result.Rounds).Select(figures => (X: across.Of(figures), Y: up.Of(figures))).Where(point => double.IsFinite(point.Y) && (!across.IsLog || point.X > 0)).ToArray();
            if (points.Length == 0) continue;
            var line = plot.Add.ScatterLine(points.Select(point => across.IsLog ? Math.Log10(point.X) : point.X).ToArray(), points.Select(point => !isLog ? point.Y : point.Y > 0 ? Math.Max(Math.Log10(point.Y), below) : below).ToArray());
            line.LineStyle = LineOf(i);
        }

        plot.Axes.Left.TickGenerator = isLog ? LogAxis.For(highest - lowest) : new NumericAutomatic { MinorTickGenerator = Ticks.NoMinor };
        plot.Axes.Bottom.TickGenerator = across.IsLog ? LogAxis.For(Decades) : new NumericAutomatic { LabelFormatter = Ticks.Short, MinorTickGenerator = Ticks.NoMinor };
        plot.Axes.Margins(0.05, 0);
        plot.Axes.AutoScaleX();
        var room = highest > lowest ? 0.06 * (highest - lowest) : 1;
        plot.Axes.SetLimitsY(lowest - room, highest + room);
        if (row == 1) plot.XLabel(across.Label);
        if (column == 0) plot.YLabel(up.Label);
        Dress(plot);
        const int width = (Width - 4 * Gap) / 3, height = (Panels - 2 * Gap) / 2;
        float left = Gap + column * (width + Gap), top = Header + row * (height + Gap);
        var place = new PixelRect(left, left + width, top + height, top);

        // The first rendering of a plot is two, the second with the places that the first has found: each word and line would be in the file twice.
        using var nowhere = new SKNoDrawCanvas(Width, Height);
        plot.Render(nowhere, place);
        plot.Render(canvas, place);
    }

    /// <summary>Every n-th and the last. Always the same n: of a method that exchanges every ten steps, points now before an exchange and now behind it would draw waves that are not there.</summary>
    private static IEnumerable<RoundFigures> Some(IReadOnlyList<RoundFigures> rounds)
    {
        var last = rounds.Count - 1;
        var every = Math.Max(1, (last + MostPoints - 1) / MostPoints);
        return rounds.Where((_, i) => i % every == 0 || i == last);
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

    private readonly record struct Across(string Label, Func<RoundFigures, double> Of, bool IsLog = false);

    private readonly record struct LegendEntry(string Text, float X, int Row);
}
