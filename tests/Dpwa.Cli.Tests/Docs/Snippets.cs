using Dpwa.Launch.Workers;

namespace Dpwa.Cli.Tests.Docs;

/// <summary>The code of docs/cli.md, compiled. DocumentTests of the TorchSharp tests finds it here.</summary>
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
}
