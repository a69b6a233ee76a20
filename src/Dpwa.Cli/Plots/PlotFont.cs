using SkiaSharp;

namespace Dpwa.Cli.Plots;

/// <summary>The font of plots: a plain one that this machine has, if possible one with all that axes need. (Liberation Sans, for one, has no ⁴ or ⁶, and they would be left out.)</summary>
internal static class PlotFont
{
    private static readonly string[] Known = ["Helvetica", "Arial", "Segoe UI", "Liberation Sans", "DejaVu Sans", "Noto Sans", "Ubuntu"];

    /// <summary>Its name; where none of the well-known is there, that of whatever is.</summary>
    public static string Name { get; } = Choose([.. SKFontManager.Default.FontFamilies]);

    /// <summary>Whether there is any: without one, lines are drawn and no words.</summary>
    public static bool IsThere => Name.Length > 0;

    /// <summary>Whether it can write a power of ten.</summary>
    public static bool HasSuperscripts { get; } = IsThere && Writes(Name, LogAxis.Superscripts);

    private static string Choose(string[] there)
    {
        string[] inOrder = [.. Known.Where(there.Contains), .. there.Where(name => name.Contains("Sans", StringComparison.Ordinal)), .. there.Take(1)];
        return inOrder.FirstOrDefault(name => Writes(name, LogAxis.Superscripts)) ?? inOrder.FirstOrDefault() ?? "";
    }

    private static bool Writes(string family, string text)
    {
        using var typeface = SKTypeface.FromFamilyName(family);
        return typeface.ContainsGlyphs(text);
    }
}
