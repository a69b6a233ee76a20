using System.Diagnostics;
using Dpwa.Launch.Processes;
using Dpwa.Launch.Workers;

namespace Dpwa.Launch.Runs;

/// <summary>What became of a run that was to be stopped.</summary>
public enum StopOutcome
{
    /// <summary>There is none.</summary>
    NotRunning,

    /// <summary>It has ended its workers and itself.</summary>
    Stopped,

    /// <summary>It had to be ended by force.</summary>
    Forced,

    /// <summary>Its supervisor was gone already; what it had left behind was ended.</summary>
    CleanedUp,
}

/// <summary>Stops a run from another process.</summary>
/// <param name="time">The clock of its patience.</param>
public sealed class RunStopper(TimeProvider time)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    // What the supervisor needs beyond the grace of its workers, to see that they are gone and to sum up.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    /// <summary>Asks the run that logs to <paramref name="directory"/> to end, then forces it.</summary>
    /// <param name="directory">Its log directory.</param>
    /// <param name="grace">How long its workers have. Null: what the run was started with.</param>
    /// <param name="ct">Gives up waiting.</param>
    /// <exception cref="LaunchException">It is another user's.</exception>
    public async Task<(StopOutcome Outcome, int? ProcessId)> StopAsync(string directory, TimeSpan? grace = null, CancellationToken ct = default)
    {
        var file = RunDirectory.RecordFile(directory);
        if (RunRecord.Read(file) is not { } run) return (StopOutcome.NotRunning, null);
        var supervisor = run.Supervisor;
        var marked = new MarkedTree(WorkerGroup.RunIdVariable, run.RunId);
        if (!supervisor.IsAlive)
        {
            var left = marked.CountAlive();
            marked.Signal(Libc.SigTerm);
            await marked.WaitOrKillAsync(grace ?? TimeSpan.FromSeconds(run.GraceSeconds), time, ct).ConfigureAwait(false);
            RunDirectory.RemoveIfOver(directory);
            return (left > 0 ? StopOutcome.CleanedUp : StopOutcome.NotRunning, supervisor.Id);
        }

        var patience = (grace ?? TimeSpan.FromSeconds(run.GraceSeconds)) + (grace is null ? Margin : TimeSpan.Zero);
        if (Ask(supervisor) && await EndsWithinAsync(supervisor, patience, ct).ConfigureAwait(false)) return (StopOutcome.Stopped, supervisor.Id);

        // The second time it forces its workers; if that does not help either, we do.
        if (!Ask(supervisor) || !await EndsWithinAsync(supervisor, Margin, ct).ConfigureAwait(false)) Force(supervisor);
        marked.Kill();
        await EndsWithinAsync(supervisor, Margin, ct).ConfigureAwait(false);
        if (RunRecord.Read(file)?.RunId == run.RunId) File.Delete(file);
        return (StopOutcome.Forced, supervisor.Id);
    }

    // Windows cannot ask a process of another console.
    private static bool Ask(ProcessIdentity supervisor)
    {
        if (OperatingSystem.IsWindows()) return false;
        if (Libc.Kill(supervisor.Id, Libc.SigTerm) == 0 || !supervisor.IsAlive) return true;
        throw new LaunchException($"The run (process {supervisor.Id}) may not be stopped by this user.");
    }

    private static void Force(ProcessIdentity supervisor)
    {
        try
        {
            using var process = Process.GetProcessById(supervisor.Id);
            if (supervisor.IsAlive) process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception or AggregateException)
        {
            // It ended first.
        }
    }

    private async Task<bool> EndsWithinAsync(ProcessIdentity process, TimeSpan limit, CancellationToken ct)
    {
        for (var began = time.GetTimestamp(); process.IsAlive;)
        {
            if (time.GetElapsedTime(began) >= limit) return false;
            await Task.Delay(Poll, time, ct).ConfigureAwait(false);
        }

        return true;
    }
}
