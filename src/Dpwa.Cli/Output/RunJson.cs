using Dpwa.Launch.Runs;
using Dpwa.Launch.Workers;

namespace Dpwa.Cli.Output;

/// <summary>A run for programs: one JSON object a line.</summary>
internal sealed class RunJson : IRunOutput
{
    public void Planned(RunPlan plan) => Print(new { Event = "planned", plan.Config, Workers = plan.Workers.Select(worker => worker.Name), plan.Notes });

    public void InBackground(RunDirectory directory) => Print(new { Event = "background", Supervisor = directory.Record.Supervisor.Id, Log = directory.SupervisorLog });

    public void Happened(LaunchEvent what) => Print(what switch
    {
        WorkerOutput output => new { Event = "output", output.Worker, output.Text, output.IsError },
        WorkerStarted started => new { Event = "started", started.Worker, started.ProcessId, Cpus = started.Cpus?.ToString(), started.Restarts },
        WorkerExited exited => new { Event = "exited", exited.Worker, exited.ExitCode, exited.Outcome },
        WorkerLeftProcesses left => new { Event = "leftProcesses", left.Worker, left.Processes },
        WorkerRestarting again => new { Event = "restarting", again.Worker, DelaySeconds = again.Delay.TotalSeconds, again.Restarts },
        GroupStopping stopping => new { Event = "stopping", stopping.Running, GraceSeconds = stopping.Grace.TotalSeconds },
        GroupKilling killing => new { Event = "killing", killing.Workers },
        _ => new { Event = what.GetType().Name },
    });

    public void Finished(IReadOnlyList<WorkerResult> results) => Print(new
    {
        Event = "finished",
        Success = results.All(result => result.IsSuccess),
        Workers = results.Select(result => new { result.Name, result.Outcome, result.ExitCode, result.Restarts, Seconds = result.Elapsed.TotalSeconds, result.LogFile }),
    });

    private static void Print(object line)
    {
        try
        {
            Json.PrintLine(line);
        }
        catch (IOException)
        {
            // Nobody listens any more; the workers go on.
        }
    }
}
