using System.Text.Json;
using Dpwa.Cli.Tests.Support;

namespace Dpwa.Cli.Tests.EndToEnd;

/// <summary>The commands together, as somebody at a terminal uses them, on workers that do average.</summary>
public sealed class RunAndCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Check_finds_every_worker_of_a_run_and_one_signal_ends_them_in_order()
    {
        TestLimits.NeedsLinux();
        await using var run = DpwaCommand.Start(_folder.Location, "run", "--workers", "2", "--grace", "100", "--", "dotnet", Cluster.Program);
        await run.Output.FirstAsync(line => line.Contains("Averaged w1"));
        await run.Output.FirstAsync(line => line.Contains("Averaged w2"));

        await using var check = await DpwaCommand.RunAsync(_folder.Location, "check", "dpwa-logs/dpwa.yaml", "--running", "--timeout", "60", "--json");

        Assert.Equal(0, check.ExitCode);
        var nodes = JsonDocument.Parse(check.OutputText).RootElement.GetProperty("nodes").EnumerateArray().ToArray();
        Assert.All(nodes, node => Assert.NotEqual(0, node.GetProperty("round").GetInt64()));
        Assert.Single(nodes.Select(node => node.GetProperty("model").GetString()).Distinct());

        await run.SignalAsync("INT");

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.Equal(2, run.Output.All.Count(line => line.EndsWith("| ended", StringComparison.Ordinal)));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_run_ends_by_itself_when_its_workers_have_done_their_steps()
    {
        TestLimits.NeedsLinux();

        await using var run = await DpwaCommand.RunAsync(_folder.Location, "run", "--workers", "2", "--", "dotnet", Cluster.Program, "20");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(2, run.Output.All.Count(line => line.Contains("| step 20 ")));
    }
}
