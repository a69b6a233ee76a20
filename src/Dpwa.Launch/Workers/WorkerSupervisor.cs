using Dpwa.Launch.Processes;

namespace Dpwa.Launch.Workers;

/// <summary>Keeps one worker running: its process, what that leaves behind, its log, and its restarts.</summary>
internal sealed class WorkerSupervisor(WorkerSpec spec, WorkerGroup group) : IDisposable
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(500);

    private readonly LogFile _log = new(spec.LogFile);
    private readonly Lock _gate = new();
    private WorkerProcess? _current;
    private int? _signal;
    private bool _kill;

    public string Name => spec.Name;

    public bool IsRunning
    {
        get
        {
            lock (_gate) return _current is not null;
        }
    }

    private TimeProvider Time => group.Options.TimeProvider;

    /// <summary>Starts a process. What was asked of the worker meanwhile reaches it too.</summary>
    public async Task StartAsync(int restarts)
    {
        var process = await WorkerProcess.StartAsync(spec, group.Options.RunId).ConfigureAwait(false);
        group.Guard?.Started(process.Id);
        lock (_gate)
        {
            _current = process;
            if (_kill) process.Tree.Kill();
            else if (_signal is { } signal) process.Tree.Signal(signal);
        }

        group.Raise(new WorkerStarted(Name, process.Id, spec.Cpus, restarts));
        process.Read((text, isError) =>
        {
            lock (_log) _log.Write(text);
            group.Raise(new WorkerOutput(Name, text, isError));
        });
    }

    public void Signal(int signal)
    {
        lock (_gate)
        {
            _signal = signal;
            _current?.Tree.Signal(signal);
        }
    }

    public void Kill()
    {
        lock (_gate)
        {
            _kill = true;
            _current?.Tree.Kill();
        }
    }

    /// <summary>Until the worker has ended for good. Its first process was started before.</summary>
    public async Task<WorkerResult> RunAsync()
    {
        var began = Time.GetTimestamp();
        for (int restarts = 0, inRow = 0; ; restarts++, inRow++)
        {
            var started = Time.GetTimestamp();
            var (outcome, exitCode) = _current is null ? NotStarted() : await WaitAsync(_current).ConfigureAwait(false);
            if (Time.GetElapsedTime(started) >= group.Options.Restart.Recovered) inRow = 0;
            if (outcome is not WorkerOutcome.Failed || inRow >= group.Options.Restart.MaxRestarts || !await BackOffAsync(inRow, restarts + 1).ConfigureAwait(false))
                return new(Name, outcome, exitCode, restarts, Time.GetElapsedTime(began), spec.LogFile);
            await RestartAsync(restarts + 1).ConfigureAwait(false);
        }
    }

    public void Dispose() => _log.Dispose();

    private async Task<(WorkerOutcome Outcome, int ExitCode)> WaitAsync(WorkerProcess process)
    {
        var exitCode = await process.WaitForExitAsync().ConfigureAwait(false);
        // The children of a process often end a moment after it.
        var left = await process.Tree.GoneWithinAsync(Settle, Time, group.Killing).ConfigureAwait(false) ? 0 : process.Tree.CountAlive();
        if (left == 0) await process.DrainAsync(Time).ConfigureAwait(false);
        group.Raise(new WorkerExited(Name, exitCode, Judge(exitCode)));
        var gentle = true;
        if (left > 0)
        {
            group.Raise(new WorkerLeftProcesses(Name, left));
            // A shell starts its background jobs deaf to Ctrl-C. Who was sent SIGTERM before is not sent it again: some take that for "at once".
            if (!WasSent(Libc.SigTerm)) process.Tree.Signal(Libc.SigTerm);
            gentle = await process.Tree.WaitOrKillAsync(group.Options.Grace, Time, group.Killing).ConfigureAwait(false);
            await process.DrainAsync(Time).ConfigureAwait(false);
        }

        // From here on the process id may be another's.
        lock (_gate) _current = null;
        group.Guard?.Ended(process.Id);
        process.Dispose();
        var outcome = Judge(exitCode);
        return (outcome is WorkerOutcome.Stopped && !gentle ? WorkerOutcome.Killed : outcome, exitCode);
    }

    private bool WasSent(int signal)
    {
        lock (_gate) return _signal == signal;
    }

    private (WorkerOutcome Outcome, int ExitCode) NotStarted() => group.Stopping.IsCancellationRequested ? (WorkerOutcome.Stopped, 0) : (WorkerOutcome.Failed, 127);

    private WorkerOutcome Judge(int exitCode)
    {
        const int windowsControlC = unchecked((int)0xC000013A);
        lock (_gate)
        {
            var byForce = _kill && exitCode == ExitCodes.BySignal(Libc.SigKill);
            if (byForce || (_kill && OperatingSystem.IsWindows())) return WorkerOutcome.Killed;
            var asAsked = _signal is { } signal && (exitCode is 0 or windowsControlC || exitCode == ExitCodes.BySignal(signal));
            if (asAsked) return WorkerOutcome.Stopped;
            return exitCode == 0 ? WorkerOutcome.Succeeded : WorkerOutcome.Failed;
        }
    }

    private async Task<bool> BackOffAsync(int inRow, int restart)
    {
        if (group.Stopping.IsCancellationRequested) return false;
        var delay = group.Options.Restart.Delay(inRow);
        group.Raise(new WorkerRestarting(Name, delay, restart));
        await Task.Delay(delay, Time, group.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !group.Stopping.IsCancellationRequested;
    }

    private async Task RestartAsync(int restarts)
    {
        try
        {
            await StartAsync(restarts).ConfigureAwait(false);
        }
        catch (LaunchException e)
        {
            // Its program has gone meanwhile, for example while it is built anew: the next try may find it.
            group.Raise(new WorkerOutput(Name, e.Message, IsError: true));
        }
    }
}
