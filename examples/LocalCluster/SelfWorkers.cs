using System.Net;
using System.Reflection;
using Dpwa.Launch;
using Dpwa.Launch.Cpus;
using Dpwa.Launch.Hosts;
using Dpwa.Launch.Workers;

namespace Dpwa.Examples.LocalCluster;

/// <summary>Workers that are this very program once more, each in a process of its own on this machine, pinned to its share of the CPUs.</summary>
/// <param name="names">A name for each worker.</param>
/// <param name="arguments">The command line of the worker of a name.</param>
/// <param name="output">Told of every line that a worker writes; gives whether it was one of the expected. The others are kept for the message of a failure.</param>
public sealed class SelfWorkers(IReadOnlyList<string> names, Func<string, IEnumerable<string>> arguments, Func<WorkerOutput, bool> output)
{
    private const int LinesOfAFailure = 20;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Writes the configuration of a cluster of these workers, on free ports of this machine.</summary>
    /// <param name="path">The file.</param>
    /// <param name="names">The workers.</param>
    /// <param name="settings">More lines for it, one setting each.</param>
    /// <exception cref="LaunchException">There are not so many free ports.</exception>
    public static void WriteConfiguration(string path, IReadOnlyList<string> names, params IEnumerable<string> settings)
    {
        ArgumentNullException.ThrowIfNull(names);
        int port = FreePorts.FindRange(IPAddress.Loopback, names.Count, new Random());
        IEnumerable<string> nodes = names.Select((name, i) => $"  - {{ name: {name}, host: 127.0.0.1, port: {port + i} }}");
        File.WriteAllLines(path, ["nodes:", .. nodes, .. settings]);
    }

    /// <summary>Starts all workers, and ends those that still run when <paramref name="done"/> is complete; without it, waits for the last to end by itself.</summary>
    /// <exception cref="LaunchException">A worker failed: the others, which would train without it, were ended.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="interrupted"/> was cancelled; no worker is left.</exception>
    public async Task RunAsync(Task? done, CancellationToken interrupted)
    {
        var errors = new List<string>();
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        IReadOnlyList<CpuSet> cpus = Affinity.Own().ShareOut(names.Count);
        await using var group = new WorkerGroup(
            [.. names.Select((name, i) => Spec(name, Affinity.IsSupported ? cpus[i] : null))],
            new WorkerGroupOptions { OnEvent = OnEvent, Grace = Grace });

        await group.StartAsync();
        try
        {
            await Task.WhenAny(done ?? group.Completion, failed.Task, group.Completion).WaitAsync(interrupted);
        }
        finally
        {
            await group.StopAsync();
        }

        if (failed.Task.IsCompleted || done?.IsCompleted == false)
            throw new LaunchException($"A worker failed:{Environment.NewLine}{string.Join(Environment.NewLine, errors.TakeLast(LinesOfAFailure))}");

        void OnEvent(LaunchEvent happened)
        {
            switch (happened)
            {
                case WorkerOutput line when !output(line):
                    errors.Add($"{line.Worker}: {line.Text}");
                    break;
                case WorkerExited { Outcome: WorkerOutcome.Failed } exited:
                    errors.Add($"{exited.Worker} ended with exit code {exited.ExitCode}");
                    failed.TrySetResult();
                    break;
            }
        }
    }

    private WorkerSpec Spec(string name, CpuSet? cpus)
    {
        // Either the program itself, or "dotnet program.dll".
        string program = Environment.ProcessPath!;
        bool isHost = Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        string[] self = isHost ? [Assembly.GetEntryAssembly()!.Location] : [];
        return new WorkerSpec
        {
            Name = name,
            FileName = program,
            Arguments = [.. self, .. arguments(name)],
            Environment = new Dictionary<string, string?> { ["OMP_NUM_THREADS"] = "1" },
            Cpus = cpus,
        };
    }
}
