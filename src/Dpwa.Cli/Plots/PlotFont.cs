using SkiaSharp;

namespace Dpwa.Cli.Plots;

/// <summary>The font of plots: a plain one that this machine has.</summary>
internal static class PlotFont
{
    private static readonly string[] Known = ["Helvetica", "Arial", "Segoe UI", "Liberation Sans", "DejaVu Sans", "Noto Sans", "Ubuntu"];

    /// <summary>Its name; where none of the well-known is there, that of whatever is.</summary>
    public static string Name { get; } = Choose([.. SKFontManager.Default.FontFamilies]);

    /// <summary>Whether there is any: without one, lines are drawn and no words.</summary>
    public static bool IsThere => Name.Length > 0;

    private static string Choose(string[] there) => Known.FirstOrDefault(there.Contains) ?? there.FirstOrDefault(name => name.Contains("Sans", StringComparison.Ordinal)) ?? there.FirstOrDefault() ?? "";
}
