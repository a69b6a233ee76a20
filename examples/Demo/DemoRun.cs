using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using Dpwa.Launch;
using Dpwa.Launch.Cpus;
using Dpwa.Launch.Hosts;
using Dpwa.Launch.Workers;

namespace Dpwa.Examples.Demo;

/// <summary>The demo's own process: runs the workers twice and shows what it makes of them.</summary>
internal sealed class DemoRun(DemoOptions options)
{
    private readonly DemoScreen _screen = new(quiet: options.Json);

    public async Task<int> RunAsync()
    {
        using var interrupted = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        long start = Stopwatch.GetTimestamp();
        DirectoryInfo directory = Directory.CreateTempSubdirectory("dpwa-demo-");
        try
        {
            _screen.Introduce(options.Steps);
            string config = WriteConfiguration(directory);
            IReadOnlyDictionary<string, Progress> together = await RunWorkersAsync("Together: after each batch, half of a random peer's model is mixed in", config, interrupted.Token);
            IReadOnlyDictionary<string, Progress> alone = await RunWorkersAsync("Alone: the same workers, the same batches, no exchanges", config: null, interrupted.Token);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            if (options.Json)
                WriteJson(together, alone, elapsed);
            else
                _screen.Compare(together, alone, elapsed);
            return 0;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Stopped; no worker is left.");
            return 130;
        }
        finally
        {
            directory.Delete(recursive: true);
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            interrupted.Cancel();
        }
    }

    private static string WriteConfiguration(DirectoryInfo directory)
    {
        string path = Path.Combine(directory.FullName, "dpwa.yaml");
        int port = FreePorts.FindRange(IPAddress.Loopback, Shares.Workers.Count, new Random());
        IEnumerable<string> nodes = Shares.Workers.Select((name, i) => $"  - {{ name: {name}, host: 127.0.0.1, port: {port + i} }}");
        File.WriteAllText(path, $"nodes:\n{string.Join('\n', nodes)}\n");
        return path;
    }

    /// <summary>Starts all workers, shows them while they train, and ends them when the last has finished.</summary>
    private async Task<IReadOnlyDictionary<string, Progress>> RunWorkersAsync(string title, string? config, CancellationToken interrupted)
    {
        var workers = Shares.Workers.ToDictionary(name => name, name => new Progress { Worker = name, Steps = options.Steps });
        var errors = new List<string>();
        var allFinished = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using DemoScreen.Table table = _screen.Begin(title);
        IReadOnlyList<CpuSet> cpus = Affinity.Own().ShareOut(workers.Count);
        await using var group = new WorkerGroup(
            [.. Shares.Workers.Select((name, i) => Spec(name, config, Affinity.IsSupported ? cpus[i] : null))],
            new WorkerGroupOptions { OnEvent = OnEvent, Grace = TimeSpan.FromSeconds(5) });

        await group.StartAsync();
        try
        {
            await Task.WhenAny(allFinished.Task, failed.Task, group.Completion).WaitAsync(interrupted);
        }
        finally
        {
            await group.StopAsync();
        }

        if (failed.Task.IsCompleted || !allFinished.Task.IsCompleted)
            throw new LaunchException($"A worker failed:{Environment.NewLine}{string.Join(Environment.NewLine, errors.TakeLast(20))}");
        return workers;

        void OnEvent(LaunchEvent happened)
        {
            // The others would wait for it.
            if (happened is WorkerExited { Outcome: WorkerOutcome.Failed } exited)
            {
                errors.Add($"{exited.Worker} ended with exit code {exited.ExitCode}");
                failed.TrySetResult();
            }
            if (happened is not WorkerOutput output)
                return;
            if (Progress.Read(output.Text) is not { } progress)
            {
                errors.Add($"{output.Worker}: {output.Text}");
                return;
            }

            workers[output.Worker] = progress;
            table.Show(workers.Values);
            if (workers.Values.All(w => w.Finished))
                allFinished.TrySetResult();
        }
    }

    private WorkerSpec Spec(string name, string? config, CpuSet? cpus)
    {
        // Either the program itself, or "dotnet Demo.dll".
        string program = Environment.ProcessPath!;
        bool isHost = Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        string[] self = isHost ? [typeof(DemoRun).Assembly.Location] : [];
        string[] cluster = config is null ? [] : ["--config", config];
        return new WorkerSpec
        {
            Name = name,
            FileName = program,
            Arguments = [.. self, "--worker", name, "--steps", $"{options.Steps}", .. cluster],
            Environment = new Dictionary<string, string?> { ["OMP_NUM_THREADS"] = "1" },
            Cpus = cpus,
        };
    }

    private static void WriteJson(IReadOnlyDictionary<string, Progress> together, IReadOnlyDictionary<string, Progress> alone, TimeSpan elapsed)
    {
        var result = new DemoResult([.. Shares.Workers.Select(name => new WorkerSummary(
            name, together[name].Exchanges, together[name].Failed, together[name].Clock, together[name].Accuracy!.Value, alone[name].Accuracy!.Value))],
            Math.Round(elapsed.TotalSeconds, 1));
        Console.WriteLine(JsonSerializer.Serialize(result, DemoJson.Default.DemoResult));
    }
}
