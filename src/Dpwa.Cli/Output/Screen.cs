using Spectre.Console;

namespace Dpwa.Cli.Output;

/// <summary>Tables and sentences on standard output.</summary>
internal static class Screen
{
    /// <summary>What is redirected has no width: nothing is folded there.</summary>
    public static IAnsiConsole Create()
    {
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Out) });
        if (Console.IsOutputRedirected || console.Profile.Width < 40) console.Profile.Width = 200;
        return console;
    }

    public static string Plural(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}
