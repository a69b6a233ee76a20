using System.ComponentModel;
using System.Diagnostics;
using Dpwa.Launch.Cpus;
using Dpwa.Launch.Processes;

namespace Dpwa.Launch.Workers;

/// <summary>One process of a worker, what it starts, and its output.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly Process _process;
    private readonly CancellationTokenSource _stopReading = new();
    private Task _output = Task.CompletedTask;

    private WorkerProcess(Process process)
    {
        _process = process;
        Id = process.Id;
        Tree = SessionCommand.IsSupported ? new SessionTree(Id) : new ChildTree(process);
        // Nobody types into a worker: it reads an end of file.
        process.StandardInput.Close();
    }

    public int Id { get; }

    public IProcessTree Tree { get; }

    /// <exception cref="LaunchException">It cannot be started.</exception>
    public static async Task<WorkerProcess> StartAsync(WorkerSpec spec, string runId)
    {
        var what = SessionCommand.For(Resolve(spec), spec.Arguments);
        (what.RedirectStandardInput, what.RedirectStandardOutput, what.RedirectStandardError) = (true, true, true);
        what.WorkingDirectory = spec.WorkingDirectory ?? "";
        what.Environment[WorkerGroup.RunIdVariable] = runId;
        foreach (var (name, value) in spec.Environment) what.Environment[name] = value;
        try
        {
            return new(await Affinity.StartAsync(what, spec.Cpus).ConfigureAwait(false));
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException)
        {
            throw new LaunchException($"Cannot start worker '{spec.Name}': {e.Message}", e);
        }
    }

    /// <summary>The program of a worker in full.</summary>
    /// <exception cref="LaunchException">It is not there.</exception>
    public static string Resolve(WorkerSpec spec) =>
        CommandPath.Find(spec.FileName) ?? throw new LaunchException($"Cannot find the program '{spec.FileName}' of worker '{spec.Name}': is it installed and on the PATH?");

    /// <summary>Starts to take its output: (line, from standard error).</summary>
    public void Read(Action<string, bool> line) => _output = Task.WhenAll(
        LinePump.RunAsync(_process.StandardOutput.BaseStream, text => line(text, false), _stopReading.Token),
        LinePump.RunAsync(_process.StandardError.BaseStream, text => line(text, true), _stopReading.Token));

    /// <summary>Waits for the process itself, not for what it has started.</summary>
    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        return _process.ExitCode;
    }

    /// <summary>Waits until all output was taken. Someone who escaped from the tree may hold it open for ever, so only for a while.</summary>
    public async Task DrainAsync(TimeProvider time)
    {
        try
        {
            await _output.WaitAsync(TimeSpan.FromSeconds(2), time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await _stopReading.CancelAsync().ConfigureAwait(false);
            await _output.ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _process.Dispose();
        _stopReading.Dispose();
    }
}
