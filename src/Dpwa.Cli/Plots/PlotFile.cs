using ScottPlot;
using SkiaSharp;

namespace Dpwa.Cli.Plots;

/// <summary>Draws into a .png or an .svg file.</summary>
internal static class PlotFile
{
    // Twice the pixels: sharp on today's screens.
    private const int Scale = 2;

    /// <summary>What is wrong with a name; null when nothing is.</summary>
    public static string? Problem(string path) =>
        Path.GetExtension(path).ToLowerInvariant() is ".png" or ".svg" ? null : $"'{path}' must end in .png or .svg.";

    public static void Write(string path, SimulationPlot plot)
    {
        if (Path.GetExtension(path).Equals(".svg", StringComparison.OrdinalIgnoreCase)) WriteSvg(path, plot);
        else WritePng(path, plot);
    }

    private static void WriteSvg(string path, SimulationPlot plot)
    {
        using var file = File.Create(path);
        using var canvas = SKSvgCanvas.Create(new SKRect(0, 0, SimulationPlot.Width, plot.Height), file);
        plot.Render(canvas);
    }

    private static void WritePng(string path, SimulationPlot plot)
    {
        using var surface = SKSurface.Create(new SKImageInfo(SimulationPlot.Width * Scale, plot.Height * Scale));
        surface.Canvas.Scale(Scale);
        plot.Render(surface.Canvas);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, data.ToArray());
    }
}
