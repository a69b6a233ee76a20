using System.Diagnostics;
using System.Text.Json;
using Dpwa.Examples.LocalCluster;
using Dpwa.Launch.Workers;

namespace Dpwa.Examples.Demo;

/// <summary>The demo's own process: runs the workers twice and shows what it makes of them.</summary>
internal sealed class DemoRun(DemoOptions options)
{
    private readonly DemoScreen _screen = new(quiet: options.Json);

    public async Task<int> RunAsync()
    {
        using var interruption = new Interruption();
        long start = Stopwatch.GetTimestamp();
        DirectoryInfo directory = Directory.CreateTempSubdirectory("dpwa-demo-");
        try
        {
            _screen.Introduce(options.Steps);
            string config = Path.Combine(directory.FullName, "dpwa.yaml");
            SelfWorkers.WriteConfiguration(config, Shares.Workers);
            IReadOnlyDictionary<string, Progress> together = await RunWorkersAsync("Together: after each batch, half of a random peer's model is mixed in", config, interruption.Token);
            IReadOnlyDictionary<string, Progress> alone = await RunWorkersAsync("Alone: the same workers, the same batches, no exchanges", config: null, interruption.Token);
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
    }

    /// <summary>Starts all workers, shows them while they train, and ends them when the last has finished.</summary>
    private async Task<IReadOnlyDictionary<string, Progress>> RunWorkersAsync(string title, string? config, CancellationToken interrupted)
    {
        var workers = Shares.Workers.ToDictionary(name => name, name => new Progress { Worker = name, Steps = options.Steps });
        var allFinished = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using DemoScreen.Table table = _screen.Begin(title);
        string[] cluster = config is null ? [] : ["--config", config];
        await new SelfWorkers(Shares.Workers, name => ["--worker", name, "--steps", $"{options.Steps}", .. cluster], Show).RunAsync(allFinished.Task, interrupted);
        return workers;

        bool Show(WorkerOutput output)
        {
            if (Progress.Read(output.Text) is not { } progress)
                return false;
            workers[output.Worker] = progress;
            table.Show(workers.Values);
            if (workers.Values.All(w => w.Finished))
                allFinished.TrySetResult();
            return true;
        }
    }

    private static void WriteJson(IReadOnlyDictionary<string, Progress> together, IReadOnlyDictionary<string, Progress> alone, TimeSpan elapsed)
    {
        var result = new DemoResult([.. Shares.Workers.Select(name => new WorkerSummary(
            name, together[name].Exchanges, together[name].Failed, together[name].Clock, together[name].Accuracy!.Value, alone[name].Accuracy!.Value))],
            Math.Round(elapsed.TotalSeconds, 1));
        Console.WriteLine(JsonSerializer.Serialize(result, DemoJson.Default.DemoResult));
    }
}
