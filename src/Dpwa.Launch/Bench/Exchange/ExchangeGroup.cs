using Dpwa.Launch.Workers;

namespace Dpwa.Launch.Bench.Exchange;

/// <summary>The workers of a measurement: all come to their end, or none.</summary>
internal sealed class ExchangeGroup(IReadOnlyList<WorkerSpec> workers, string runId, TimeSpan grace, Action<string> progress)
{
    private const int LinesToShow = 10;

    private readonly Dictionary<string, List<string>> _errors = workers.ToDictionary(worker => worker.Name, _ => new List<string>(), StringComparer.Ordinal);
    private readonly TaskCompletionSource<(string Worker, int ExitCode)> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <exception cref="BenchException">One failed, with what it said; or they were stopped.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        var group = new WorkerGroup(workers, new() { OnEvent = Happened, Grace = grace, RunId = runId });
        await using var _ = group.ConfigureAwait(false);
        using var signals = new StopSignals(group);
        using var stop = ct.Register(group.Kill);
        await group.StartAsync().ConfigureAwait(false);
        // The others would wait for the one that failed.
        if (await Task.WhenAny(_failed.Task, group.Completion).ConfigureAwait(false) == _failed.Task) await group.StopAsync().ConfigureAwait(false);
        await group.Completion.ConfigureAwait(false);
        if (signals.Received || ct.IsCancellationRequested) throw new BenchException("Stopped before the measurement was over.");
        if (_failed.Task.IsCompletedSuccessfully) throw new BenchException(Describe(await _failed.Task.ConfigureAwait(false)));
    }

    private void Happened(LaunchEvent what)
    {
        switch (what)
        {
            // What one of them does all do.
            case WorkerOutput { IsError: false } output when output.Worker == workers[0].Name: progress(output.Text); break;
            case WorkerOutput { IsError: true } output: _errors[output.Worker].Add(output.Text); break;
            case WorkerExited { Outcome: WorkerOutcome.Failed } exited: _failed.TrySetResult((exited.Worker, exited.ExitCode)); break;
        }
    }

    private string Describe((string Worker, int ExitCode) failed)
    {
        var said = _errors[failed.Worker].TakeLast(LinesToShow).ToArray();
        return said.Length == 1 ? $"{failed.Worker}: {said[0]}" : $"{failed.Worker} failed: {ExitCodes.Describe(failed.ExitCode)}{string.Concat(said.Select(line => $"{Environment.NewLine}  {line}"))}";
    }
}
