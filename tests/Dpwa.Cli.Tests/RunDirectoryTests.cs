using Dpwa.Cli.Tests.Support;
using Dpwa.Launch;
using Dpwa.Launch.Runs;

namespace Dpwa.Cli.Tests;

public sealed class RunDirectoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_worker_has_a_log_of_its_own_and_none_has_that_of_the_run()
    {
        using var directory = RunDirectory.Claim(_folder.Location, TimeSpan.Zero);

        var logs = directory.WorkerLogs(["w1", "a/b", "a_b", "dpwa-run", "A_B", "a_b-2"]);

        Assert.Equal(["w1.log", "a_b.log", "a_b-2.log", "dpwa-run-3.log", "A_B-4.log", "a_b-2-5.log"], logs.Select(Path.GetFileName));
        Assert.All(logs, log => Assert.Equal(directory.Location, Path.GetDirectoryName(log)));
        Assert.DoesNotContain(directory.SupervisorLog, logs);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Of_many_that_find_a_run_that_is_over_one_gets_the_directory()
    {
        for (var round = 0; round < 20; round++)
        {
            _folder.Write("run.json", """{ "runId": "over", "supervisor": { "id": 1, "started": "long ago" }, "graceSeconds": 1 }""");

            var claimed = (await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(TryClaim)))).OfType<RunDirectory>().ToArray();

            var owner = Assert.Single(claimed);
            Assert.Equal(owner.Record.RunId, RunRecord.Read(_folder["run.json"])?.RunId);
            owner.Dispose();
        }
    }

    private RunDirectory? TryClaim()
    {
        try
        {
            return RunDirectory.Claim(_folder.Location, TimeSpan.Zero);
        }
        catch (LaunchException)
        {
            return null;
        }
    }
}
