namespace Dpwa.Cli.Output;

/// <summary>A curve in one line of text.</summary>
internal static class Sparkline
{
    private const string Blocks = "▁▂▃▄▅▆▇█";

    /// <summary>The last values, one a character, the newest at the right end; a gap where there is none.</summary>
    /// <param name="values">Oldest first.</param>
    /// <param name="width">Characters.</param>
    /// <param name="least">The value of the lowest block.</param>
    /// <param name="most">The value of the highest.</param>
    public static string Draw(IReadOnlyList<double?> values, int width, double least, double most)
    {
        var shown = values.Skip(values.Count - width).Select(value => value is { } v && double.IsFinite(v) ? Block(v, least, most) : ' ');
        return string.Concat(shown).PadLeft(width);
    }

    private static char Block(double value, double least, double most)
    {
        // What does not change is a line in the middle.
        var height = most > least ? (value - least) / (most - least) : 0.4;
        return Blocks[(int)Math.Clamp(height * Blocks.Length, 0, Blocks.Length - 1)];
    }
}
