using Dpwa.Launch.Workers;
using Dpwa.Protocol;
using Dpwa.Simulation;
using Dpwa.Simulation.Faults;

namespace Dpwa.Cli.Tests.Docs;

/// <summary>The code of docs/cli.md and docs/architecture.md, compiled. DocumentTests of the TorchSharp tests finds it here.</summary>
internal static class Snippets
{
    private static async Task Launch()
    {
        await using var group = new WorkerGroup(
            [new() { Name = "w1", FileName = "python", Arguments = ["train.py", "w1"], Cpus = new([0]), LogFile = "w1.log" }],
            new() { OnEvent = Console.WriteLine, Restart = RestartPolicy.OnFailure });
        using var signals = new StopSignals(group);     // Ctrl-C stops the workers
        await group.StartAsync();
        IReadOnlyList<WorkerResult> results = await group.Completion;
    }

    private static void Faults(DpwaOptions options, ParameterLayout layout)
    {
        var cluster = new VirtualCluster(options, layout, seed: 1) { Faults = new EveryTenthIsCut() };
        cluster.Run(TimeSpan.FromSeconds(1));
    }

    sealed class EveryTenthIsCut : INetworkFaults
    {
        private int _frames;

        public ConnectFate OnConnect(TimeSpan now, int from, int to) => default;

        public FrameFate OnFrame(TimeSpan now, int from, int to, in MessageHeader header) => ++_frames % 10 == 0 ? new() { CutAt = 60 } : default;
    }
}
