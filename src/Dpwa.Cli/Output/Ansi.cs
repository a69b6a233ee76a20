using Spectre.Console;

namespace Dpwa.Cli.Output;

/// <summary>Colours for one of our two outputs: only when it is a terminal that has them, and NO_COLOR is not set.</summary>
internal sealed class Ansi(bool isOn)
{
    public const string Red = "31", Dim = "2", Reset = "\e[0m";

    // Told apart on dark and on light ground; red is for what is wrong.
    private static readonly string[] Palette = ["36", "33", "32", "35", "34", "96", "93", "92", "95", "94"];

    private static bool HasColours => AnsiConsole.Profile.Capabilities is { Ansi: true, ColorSystem: not ColorSystem.NoColors };

    public static Ansi OnOutput => new(!Console.IsOutputRedirected && HasColours);

    // What Spectre knows is of standard output; when that is redirected, the terminal is judged by its name.
    public static Ansi OnError => new(!Console.IsErrorRedirected
        && (Console.IsOutputRedirected ? Environment.GetEnvironmentVariable("NO_COLOR") is null or "" && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb") : HasColours));

    /// <summary>One colour for each number, in turn.</summary>
    public static string ForIndex(int index) => Palette[index % Palette.Length];

    public string Colour(string text, string code) => isOn ? $"\e[{code}m{text}{Reset}" : text;

    /// <summary>Text of others: what it switched on ends with it.</summary>
    public string Foreign(string text) => isOn && text.Contains('\e') ? text + Reset : text;
}
