using System.Globalization;
using Spectre.Console;

namespace Dpwa.Cli.Output.Bench;

/// <summary>How measured numbers look.</summary>
internal static class Figures
{
    /// <summary>Three digits that mean something.</summary>
    public static string Number(double value) => value.ToString(Math.Abs(value) switch { < 9.995 => "0.00", < 99.95 => "0.0", _ => "#,0" }, CultureInfo.InvariantCulture);

    public static string Milliseconds(double value) => $"{Number(value)} ms";

    public static string Percent(double ours, double limit) => string.Create(CultureInfo.InvariantCulture, $"{100 * ours / limit:0} %");

    /// <summary>Figures stand right, words left.</summary>
    public static Table Table(string first, IEnumerable<string> figures, params IEnumerable<string> words)
    {
        var table = new Table().Border(Console.IsOutputRedirected ? TableBorder.Ascii2 : TableBorder.Rounded).AddColumn(first);
        foreach (var figure in figures) table.AddColumn(new TableColumn(figure).RightAligned());
        foreach (var word in words) table.AddColumn(word);
        return table;
    }
}
