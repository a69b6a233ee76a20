using Dpwa.Launch.Runs;
using Dpwa.Launch.Workers;
using Spectre.Console;

namespace Dpwa.Cli.Output;

/// <summary>A run for people: every line with the name of who says it, and a table in the end.</summary>
internal sealed class RunText : IRunOutput
{
    private const string Us = "dpwa";
    private const int Utf8 = 65001;

    private readonly Ansi _out = Ansi.OnOutput;
    private readonly Ansi _error = Ansi.OnError;
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly char _bar = !Console.IsOutputRedirected && Console.OutputEncoding.CodePage == Utf8 ? '│' : '|';
    private int _width = Us.Length;

    public void Planned(RunPlan plan)
    {
        foreach (var worker in plan.Workers) _places[worker.Name] = _places.Count;
        _width = Math.Max(Us.Length, plan.Workers.Max(worker => worker.Name.Length));
        foreach (var note in plan.Notes) Say(note);
    }

    public void InBackground(RunDirectory directory)
    {
        Say($"{Screen.Plural(_places.Count, "worker")} will run in the background, supervised by process {directory.Record.Supervisor.Id}.");
        var follow = OperatingSystem.IsWindows() ? $"Get-Content -Wait {directory.SupervisorLog}" : $"tail -f {directory.SupervisorLog}";
        Say($"To follow: {follow}");
        Say($"To stop:   dpwa stop{RunDirectory.StopOption(directory.Location)}");
    }

    public void Happened(LaunchEvent what)
    {
        switch (what)
        {
            case WorkerOutput output: Write(output); break;
            case WorkerStarted { Restarts: 0 } started: Say($"{started.Worker} started: process {started.ProcessId}{(started.Cpus is { } cpus ? $", CPU {cpus}" : "")}"); break;
            case WorkerStarted started: Say($"{started.Worker} started again (restart {started.Restarts}): process {started.ProcessId}"); break;
            case WorkerExited { Outcome: WorkerOutcome.Succeeded } exited: Say($"{exited.Worker} finished"); break;
            case WorkerExited { Outcome: WorkerOutcome.Failed } exited: Say($"{exited.Worker} failed: {ExitCodes.Describe(exited.ExitCode)}", isWrong: true); break;
            case WorkerExited { Outcome: WorkerOutcome.Stopped } exited: Say($"{exited.Worker} stopped"); break;
            case WorkerExited exited: Say($"{exited.Worker} was ended by force", isWrong: true); break;
            case WorkerLeftProcesses left: Say($"{left.Worker} left {Screen.Plural(left.Processes, "process").Replace("processs", "processes", StringComparison.Ordinal)} behind: ending them too"); break;
            case WorkerRestarting again: Say($"{again.Worker} will be started again in {Durations.Show(again.Delay)} (restart {again.Restarts})"); break;
            case GroupStopping stopping: Say($"stopping {Screen.Plural(stopping.Running, "worker")} (by force in {Durations.Show(stopping.Grace)}; at once on another Ctrl-C)"); break;
            case GroupKilling { Workers.Count: > 0 } killing: Say($"ending by force: {string.Join(", ", killing.Workers)}", isWrong: true); break;
        }
    }

    public void Finished(IReadOnlyList<WorkerResult> results)
    {
        var table = new Table().Border(_bar == '│' ? TableBorder.Rounded : TableBorder.Ascii2);
        table.AddColumn("worker").AddColumn("result").AddColumn(new TableColumn("restarts").RightAligned()).AddColumn(new TableColumn("time").RightAligned()).AddColumn("log");
        foreach (var result in results)
        {
            var (colour, text) = result.Outcome switch
            {
                WorkerOutcome.Succeeded => ("green", "finished"),
                WorkerOutcome.Stopped => ("green", "stopped"),
                WorkerOutcome.Killed => ("red", "ended by force"),
                _ => ("red", $"failed: {ExitCodes.Describe(result.ExitCode)}"),
            };
            table.AddRow(new Text(result.Name), new Markup($"[{colour}]{Markup.Escape(text)}[/]"), new Text($"{result.Restarts}"), new Text(Durations.Show(result.Elapsed)), new Text(result.LogFile ?? ""));
        }

        Quietly(() => Screen.Create().Write(table));
    }

    private void Write(WorkerOutput output)
    {
        var (colours, to) = output.IsError ? (_error, Console.Error) : (_out, Console.Out);
        var name = colours.Colour(output.Worker.PadRight(_width), Ansi.ForIndex(_places.GetValueOrDefault(output.Worker)));
        var bar = output.IsError ? colours.Colour($"{_bar}", Ansi.Red) : $"{_bar}";
        Quietly(() => to.WriteLine($"{name} {bar} {colours.Foreign(output.Text)}"));
    }

    private void Say(string text, bool isWrong = false) =>
        Quietly(() => Console.Out.WriteLine($"{_out.Colour(Us.PadRight(_width), Ansi.Dim)} {_bar} {_out.Colour(text, isWrong ? Ansi.Red : Ansi.Dim)}"));

    // A terminal that was closed, or a pipe that nobody reads, is no reason to stop training.
    private static void Quietly(Action write)
    {
        try
        {
            write();
        }
        catch (IOException)
        {
        }
    }
}
