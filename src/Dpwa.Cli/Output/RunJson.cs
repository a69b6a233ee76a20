using Dpwa.Launch.Runs;
using Dpwa.Launch.Workers;

namespace Dpwa.Cli.Output;

/// <summary>A run for programs: one JSON object a line.</summary>
internal sealed class RunJson : IRunOutput
{
    private const string Information = "information";
    private const string Warning = "warning";
    private const string Error = "error";

    public void Planned(RunPlan plan) => Print("planned", new { plan.Config, Workers = plan.Workers.Select(worker => worker.Name), plan.Notes });

    public void InBackground(RunDirectory directory) => Print("background", new { Supervisor = directory.Record.Supervisor.Id, Log = directory.SupervisorLog });

    public void Happened(LaunchEvent what)
    {
        switch (what)
        {
            case WorkerOutput output: Write(output); break;
            case WorkerStarted started: Print("started", new { started.Worker, started.ProcessId, Cpus = started.Cpus?.ToString(), started.Restarts }); break;
            case WorkerExited exited: Print("exited", new { exited.Worker, exited.ExitCode, exited.Outcome }, exited.Outcome is WorkerOutcome.Failed or WorkerOutcome.Killed ? Error : Information); break;
            case WorkerLeftProcesses left: Print("leftProcesses", new { left.Worker, left.Processes }, Warning); break;
            case WorkerRestarting again: Print("restarting", new { again.Worker, DelaySeconds = again.Delay.TotalSeconds, again.Restarts }, Warning); break;
            case GroupStopping stopping: Print("stopping", new { stopping.Running, GraceSeconds = stopping.Grace.TotalSeconds }); break;
            case GroupKilling killing: Print("killing", new { killing.Workers }, Warning); break;
            default: Print(what.GetType().Name, new { }); break;
        }
    }

    public void Finished(IReadOnlyList<WorkerResult> results)
    {
        var success = results.All(result => result.IsSuccess);
        var workers = results.Select(result => new { result.Name, result.Outcome, result.ExitCode, result.Restarts, Seconds = result.Elapsed.TotalSeconds, result.LogFile });
        Print("finished", new { Success = success, Workers = workers }, success ? Information : Error);
    }

    // A line that is JSON itself can be read as it is.
    private static void Write(WorkerOutput output)
    {
        var level = output.IsError ? Warning : Information;
        if (Json.ParseObject(output.Text) is { } data) Print("output", new { output.Worker, output.Text, output.IsError, Data = data }, level);
        else Print("output", new { output.Worker, output.Text, output.IsError }, level);
    }

    private static void Print(string name, object details, string level = Information)
    {
        try
        {
            Json.PrintEvent(TimeProvider.System.GetUtcNow(), level, name, details);
        }
        catch (IOException)
        {
            // Nobody listens any more; the workers go on.
        }
    }
}
