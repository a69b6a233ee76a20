using Dpwa.Examples.Vision.Data;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Dpwa.Examples.Demo;

/// <summary>What the demo shows. On a terminal the tables are live; elsewhere a line now and then says how far it is.</summary>
internal sealed class DemoScreen(bool quiet)
{
    private readonly IAnsiConsole _console = quiet
        ? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) })
        : AnsiConsole.Console;

    public void Introduce(int steps)
    {
        if (quiet)
            return;
        _console.WriteLine();
        _console.MarkupLine("[bold]Dpwa: four workers, one model, no server[/]");
        _console.MarkupLine($"[grey]LeNet on synthetic images of ten classes; each worker sees only its own two or three classes, {steps} batches of 32.[/]");
    }

    public Table Begin(string title)
    {
        if (!quiet)
            _console.WriteLine();
        return new(_console, title, live: !quiet && _console.Profile.Capabilities.Interactive && !Console.IsOutputRedirected, quiet);
    }

    public void Compare(IReadOnlyDictionary<string, Progress> together, IReadOnlyDictionary<string, Progress> alone, TimeSpan elapsed)
    {
        var table = new Spectre.Console.Table().Border(TableBorder.Rounded)
            .Title("[bold]What each worker knows of the ten classes[/]")
            .AddColumn("worker").AddColumn("trained on").AddColumn("alone").AddColumn(new TableColumn("").RightAligned())
            .AddColumn("together").AddColumn(new TableColumn("").RightAligned()).AddColumn(new TableColumn("gain").RightAligned());
        foreach (string name in Shares.Workers)
        {
            (Progress with, Progress without) = (together[name], alone[name]);
            table.AddRow(
                $"[bold]{name}[/]", Classes(name), Strip(without.ByClass!), Percent(without.Accuracy), Strip(with.ByClass!),
                $"[bold]{Percent(with.Accuracy)}[/]", $"[green]×{with.Accuracy / without.Accuracy:0.0}[/]");
        }

        _console.WriteLine();
        _console.Write(table);
        _console.MarkupLine("[grey]One cell a class, 0 to 9: [/][green]██[/][grey] knows it  [/][yellow]▓▓[/][grey] partly  [/][red]░░[/][grey] does not.[/]");
        _console.MarkupLine($"[grey]Classes: {string.Join(", ", SyntheticImages.ClassNames.Select((name, i) => $"{i} {name}"))}.[/]");
        _console.WriteLine();
        _console.MarkupLine($"Alone, each worker knows only its own classes. Together, every one knows all ten: [bold]{Percent(together.Values.Average(w => w.Accuracy))}[/] " +
            $"against {Percent(alone.Values.Average(w => w.Accuracy))}, although nobody's images ever left its process.");
        _console.MarkupLine($"[grey]{together.Values.Sum(w => w.Exchanges):N0} exchanges, {together.Values.Sum(w => w.Failed)} steps without one, {elapsed.TotalSeconds:0} s in all. Your own training next: see \"In your program\" in README.md.[/]");
    }

    private static string Classes(string name) => string.Join(' ', Shares.Of(name));

    private static string Percent(double? share) => share is { } value ? $"{value * 100:0} %" : "–";

    private static string Strip(double[] byClass) => string.Concat(byClass.Select(a => a switch
    {
        >= 0.7 => "[green]██[/]",
        >= 0.3 => "[yellow]▓▓[/]",
        _ => "[red]░░[/]",
    }));

    /// <summary>The workers of one run while they train.</summary>
    internal sealed class Table : IDisposable
    {
        private static readonly TimeSpan FrameTime = TimeSpan.FromMilliseconds(100);
        private static readonly TimeSpan PlainTime = TimeSpan.FromSeconds(5);

        private readonly IAnsiConsole _console;
        private readonly string _title;
        private readonly bool _quiet;
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task _live;
        private readonly System.Diagnostics.Stopwatch _sinceShown = System.Diagnostics.Stopwatch.StartNew();
        private Action<IRenderable>? _update;
        private IReadOnlyList<Progress> _last = [];

        public Table(IAnsiConsole console, string title, bool live, bool quiet)
        {
            (_console, _title, _quiet) = (console, title, quiet);
            if (!live && !quiet)
                console.MarkupLineInterpolated($"[bold]{title}[/]");
            _live = live
                ? console.Live(Render([])).StartAsync(async context =>
                {
                    _update = content =>
                    {
                        context.UpdateTarget(content);
                        context.Refresh();
                    };
                    await _done.Task;
                    _update(Render(_last));
                })
                : Task.CompletedTask;
        }

        public void Show(IEnumerable<Progress> workers)
        {
            _last = [.. workers];
            if (_sinceShown.Elapsed < (_update is null ? PlainTime : FrameTime))
                return;
            _sinceShown.Restart();
            if (_update is not null)
                _update(Render(_last));
            else if (!_quiet)
                PlainLine();
        }

        public void Dispose()
        {
            _done.TrySetResult();
            _live.Wait();
            if (_update is null && !_quiet)
                PlainLine();
        }

        private void PlainLine() => _console.WriteLine("  " + string.Join("   ", _last.Select(w =>
            $"{w.Worker} {w.Step}/{w.Steps} loss {w.Loss:0.00}{(w.Accuracy is { } a ? $" {a * 100:0} %" : "")}")));

        private Spectre.Console.Table Render(IReadOnlyList<Progress> workers)
        {
            var table = new Spectre.Console.Table().Border(TableBorder.Rounded).Title($"[bold]{_title}[/]")
                .AddColumn("worker").AddColumn("trained on").AddColumn("step").AddColumn(Right("loss")).AddColumn(Right("clock"))
                .AddColumn("last peer").AddColumn(Right("factor")).AddColumn(Right("exchanges")).AddColumn(Right("failed")).AddColumn("accuracy, all classes");
            foreach (string name in Shares.Workers)
            {
                Progress w = workers.FirstOrDefault(p => p.Worker == name) ?? new Progress { Worker = name, Steps = 1 };
                table.AddRow(
                    $"[bold]{name}[/]", Classes(name), Bar(w.Step, w.Steps, 10, "blue") + $" {w.Step,4}", w.Step == 0 ? "–" : $"{w.Loss:0.000}",
                    w.Clock == 0 ? "–" : $"{w.Clock:0.0}", w.Peer ?? "–", w.Peer is null ? "–" : $"{w.Factor:0.00}", $"{w.Exchanges}", $"{w.Failed}",
                    Bar(w.Accuracy ?? 0, 1, 20, "green") + $" {Percent(w.Accuracy),5}");
            }

            return table;
        }

        private static TableColumn Right(string title) => new TableColumn(title).RightAligned();

        private static string Bar(double value, double of, int width, string colour)
        {
            int filled = (int)Math.Round(Math.Clamp(value / of, 0, 1) * width);
            return $"[{colour}]{new string('━', filled)}[/][grey]{new string('─', width - filled)}[/]";
        }
    }
}
