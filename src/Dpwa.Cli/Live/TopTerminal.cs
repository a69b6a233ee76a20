using Dpwa.Launch.Watch;
using Spectre.Console;

namespace Dpwa.Cli.Live;

/// <summary>The whole terminal, frame by frame, on its second screen: what was there before is there again afterwards.</summary>
internal sealed class TopTerminal : ITopOutput
{
    private const string Enter = "\e[?1049h\e[?25l", Leave = "\e[?25h\e[?1049l";

    // A frame is drawn over the last, line by line, and shown at once where the terminal can.
    private const string Begin = "\e[?2026h\e[H", EndOfLine = "\e[K", End = "\e[J\e[?2026l";

    private readonly TopScreen _screen;

    public TopTerminal(string config)
    {
        _screen = new(config);
        Console.Out.Write(Enter);
    }

    public void Show(ClusterView view, IReadOnlyList<ClusterEvent> events)
    {
        _screen.Add(view, events);
        var (width, height) = (Math.Max(40, Console.WindowWidth), Math.Max(10, Console.WindowHeight));
        using var frame = new StringWriter();
        var console = AnsiConsole.Create(new()
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = AnsiConsole.Profile.Capabilities.ColorSystem is ColorSystem.NoColors ? ColorSystemSupport.NoColors : ColorSystemSupport.Standard,
            Out = new AnsiConsoleOutput(frame),
        });
        (console.Profile.Width, console.Profile.Height, console.Profile.Capabilities.Unicode) = (width, height, true);
        console.Write(_screen.Build(view, width, height));
        var lines = frame.ToString().TrimEnd('\n').Split('\n').Take(height).Select(line => line.TrimEnd('\r') + EndOfLine);
        Console.Out.Write($"{Begin}{string.Join("\r\n", lines)}{End}");
        Console.Out.Flush();
    }

    public void Dispose()
    {
        Console.Out.Write(Leave);
        Console.Out.Flush();
    }
}
