using System.Runtime.InteropServices;
using Dpwa.Launch.Processes;

namespace Dpwa.Launch.Workers;

/// <summary>
/// The workers of one host: starts them pinned, tells their output line by line, starts them again if asked to, and stops them with everything
/// that they have started. Also when this process is killed its workers are ended (Linux and macOS).
/// </summary>
public sealed class WorkerGroup : IAsyncDisposable
{
    /// <summary>The variable in each worker's environment that marks it, and all that it starts, as this group's.</summary>
    public const string RunIdVariable = "DPWA_RUN_ID";

    private readonly IReadOnlyList<WorkerSpec> _specs;
    private readonly Lock _telling = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _killing = new();
    private readonly TaskCompletionSource<IReadOnlyList<WorkerResult>> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WorkerSupervisor[] _supervisors = [];
    private Exception? _fault;
    private int _started;

    /// <summary>A group of these workers; nothing is started yet.</summary>
    /// <exception cref="LaunchException">There are none, or two of one name.</exception>
    public WorkerGroup(IReadOnlyList<WorkerSpec> workers, WorkerGroupOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(workers);
        if (workers.Count == 0) throw new LaunchException("There is no worker to start.");
        var twice = workers.GroupBy(worker => worker.Name, StringComparer.Ordinal).Where(same => same.Count() > 1).Select(same => $"Two workers are named '{same.Key}'.").ToArray();
        if (twice.Length > 0) throw new LaunchException(twice);
        _specs = workers;
        Options = options ?? new();
    }

    /// <summary>The options in force.</summary>
    public WorkerGroupOptions Options { get; }

    /// <summary>What became of each worker, in their order; complete when the last has ended for good and nothing of theirs is left.</summary>
    public Task<IReadOnlyList<WorkerResult>> Completion => _completion.Task;

    internal Guard? Guard { get; private set; }

    internal CancellationToken Stopping => _stopping.Token;

    internal CancellationToken Killing => _killing.Token;

    /// <summary>Starts every worker. When one cannot be started, those that were are ended again.</summary>
    /// <exception cref="LaunchException">A program or a log file is not there; nothing runs.</exception>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    public async Task StartAsync()
    {
        if (Interlocked.Exchange(ref _started, 1) != 0) throw new InvalidOperationException("A group is started once.");
        try
        {
            foreach (var spec in _specs) WorkerProcess.Resolve(spec);
            foreach (var spec in _specs) _supervisors = [.. _supervisors, new(spec, this)];
        }
        catch (LaunchException e)
        {
            await EndAsync(e).ConfigureAwait(false);
            throw;
        }

        Guard = await Guard.StartAsync(Options.Grace).ConfigureAwait(false);
        var running = new List<Task<WorkerResult>>();
        try
        {
            foreach (var supervisor in _supervisors)
            {
                if (!Stopping.IsCancellationRequested) await supervisor.StartAsync(restarts: 0).ConfigureAwait(false);
                running.Add(Task.Run(supervisor.RunAsync));
            }
        }
        catch (LaunchException e)
        {
            Kill();
            await Task.WhenAll(running).ConfigureAwait(false);
            await EndAsync(e).ConfigureAwait(false);
            throw;
        }

        _ = FinishAsync(running);
    }

    /// <summary>Asks every worker to end and, when <paramref name="grace"/> is over, ends what is left by force. Returns when nothing runs any more.</summary>
    /// <param name="grace">How long they have. Null: the <see cref="WorkerGroupOptions.Grace"/> of the options.</param>
    /// <param name="signal">What they receive, where there are signals: SIGINT, SIGTERM or SIGHUP. On Windows they are not told: a console's Ctrl-C reaches them by itself.</param>
    public async Task StopAsync(TimeSpan? grace = null, PosixSignal signal = PosixSignal.SIGTERM)
    {
        var limit = grace ?? Options.Grace;
        if (!_stopping.IsCancellationRequested)
        {
            Raise(new GroupStopping(_supervisors.Count(supervisor => supervisor.IsRunning), limit));
            await _stopping.CancelAsync().ConfigureAwait(false);
            foreach (var supervisor in _supervisors) supervisor.Signal(Number(signal));
        }

        // Asked before the start: StartAsync sees it and starts nobody.
        if (_started == 0) return;
        if (!await EndedWithinAsync(limit).ConfigureAwait(false)) Kill();
        await ((Task)Completion).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Ends every worker and all that it started, at once.</summary>
    public void Kill()
    {
        if (Completion.IsCompleted) return;
        if (!_killing.IsCancellationRequested) Raise(new GroupKilling([.. _supervisors.Where(supervisor => supervisor.IsRunning).Select(supervisor => supervisor.Name)]));
        _stopping.Cancel();
        _killing.Cancel();
        foreach (var supervisor in _supervisors) supervisor.Kill();
    }

    /// <summary>Ends by force what still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_started == 0) return;
        Kill();
        await ((Task)Completion).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    internal void Raise(LaunchEvent what)
    {
        lock (_telling)
        {
            if (_fault is not null) return;
            try
            {
                Options.OnEvent(what);
                return;
            }
#pragma warning disable CA1031 // Whatever the listener throws, its workers must not be left alone; Completion hands it on.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _fault = e;
            }
        }

        Kill();
    }

    private static int Number(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGINT => Libc.SigInt,
        PosixSignal.SIGHUP => Libc.SigHup,
        _ => Libc.SigTerm,
    };

    private async Task<bool> EndedWithinAsync(TimeSpan limit)
    {
        // What no timer can count is as good as for ever.
        if (limit.TotalMilliseconds >= uint.MaxValue) limit = Timeout.InfiniteTimeSpan;
        var ended = Completion.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            await ended.WaitAsync(limit, Options.TimeProvider, Killing).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task FinishAsync(List<Task<WorkerResult>> running)
    {
        try
        {
            var results = await Task.WhenAll(running).ConfigureAwait(false);
            await SweepAsync().ConfigureAwait(false);
            await EndAsync(_fault, results).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Nobody else is there to take it: Completion hands it on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Kill();
            await EndAsync(e).ConfigureAwait(false);
        }
    }

    // What made itself a session of its own (a daemon, a build server) has left its worker's, but still carries our mark.
    private async Task SweepAsync()
    {
        var escaped = new MarkedTree(RunIdVariable, Options.RunId);
        if (escaped.CountAlive() == 0) return;
        escaped.Signal(Libc.SigTerm);
        await escaped.WaitOrKillAsync(Options.Grace, Options.TimeProvider, Killing).ConfigureAwait(false);
    }

    private async Task EndAsync(Exception? fault, IReadOnlyList<WorkerResult>? results = null)
    {
        if (Guard is not null) await Guard.DisposeAsync().ConfigureAwait(false);
        foreach (var supervisor in _supervisors) supervisor.Dispose();
        if (fault is null) _completion.TrySetResult(results!);
        else _completion.TrySetException(fault);
        _ = _completion.Task.Exception;
    }
}
