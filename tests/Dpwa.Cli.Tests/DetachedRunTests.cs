using System.Text.Json;
using Dpwa.Cli.Tests.Support;
using Dpwa.Launch.Runs;

namespace Dpwa.Cli.Tests;

public sealed class DetachedRunTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Logs => _folder["dpwa-logs"];

    public async ValueTask DisposeAsync()
    {
        await using (await StopAsync("--grace", "0"))
            _folder.Dispose();
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_run_in_the_background_goes_on_until_it_is_stopped()
    {
        TestLimits.NeedsLinux();
        var supervisor = await DetachAsync("trap 'echo saved; exit 0' TERM; echo $$ > pid; mkfifo fifo; echo ready > fifo & while :; do sleep 0.05; done");
        Assert.Equal("ready", await FromWorkerAsync());
        var worker = int.Parse(await File.ReadAllTextAsync(_folder["pid"], TestContext.Current.CancellationToken));
        Assert.True(Signals.IsAlive(worker));

        await using var stop = await StopAsync();

        Assert.Equal(0, stop.ExitCode);
        Assert.Contains($"Stopped the run of process {supervisor}", stop.OutputText);
        Assert.False(Signals.IsAlive(worker));
        Assert.False(Signals.IsAlive(supervisor));
        Assert.Contains("saved", File.ReadAllText(Path.Combine(Logs, "w1.log")));
        Assert.Contains("w1   | saved", File.ReadAllText(Path.Combine(Logs, "dpwa-run.log")));

        await using var again = await StopAsync();
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("nothing to stop", again.ErrorText);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_mistake_is_told_before_it_goes_into_the_background()
    {
        TestLimits.NeedsLinux();

        await using var dpwa = await DpwaCommand.RunAsync(_folder.Location, "run", "--detach", "--", "sh");

        Assert.Equal(2, dpwa.ExitCode);
        Assert.Contains("There is no dpwa.yaml here", dpwa.ErrorText);
        Assert.Null(RunRecord.Read(Path.Combine(Logs, "run.json")));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_log_directory_belongs_to_one_run()
    {
        TestLimits.NeedsLinux();
        var supervisor = await DetachAsync(Shell.Ignores);

        await using var second = await DpwaCommand.RunAsync(_folder.Location, "run", "--workers", "1", "--", "true");

        Assert.Equal(2, second.ExitCode);
        Assert.Contains($"Another run (process {supervisor})", second.ErrorText);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Stop_never_touches_another_process_that_has_the_id_of_the_run()
    {
        TestLimits.NeedsLinux();
        Directory.CreateDirectory(Logs);
        var record = new { runId = "of-a-run-that-is-over", supervisor = new { id = Environment.ProcessId, started = "long ago" }, graceSeconds = 1 };
        await File.WriteAllTextAsync(Path.Combine(Logs, "run.json"), JsonSerializer.Serialize(record), TestContext.Current.CancellationToken);

        await using var stop = await StopAsync();

        Assert.Equal(1, stop.ExitCode);
        Assert.Contains("is over already", stop.ErrorText);
        Assert.False(File.Exists(Path.Combine(Logs, "run.json")));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Stop_ends_what_a_killed_supervisor_has_left()
    {
        TestLimits.NeedsLinux();
        var supervisor = await DetachAsync("trap '' TERM; echo $$ > pid; mkfifo fifo; echo ready > fifo; while :; do sleep 0.05; done", "--grace", "1000");
        Assert.Equal("ready", await FromWorkerAsync());
        var worker = int.Parse(await File.ReadAllTextAsync(_folder["pid"], TestContext.Current.CancellationToken));
        await Signals.SendAsync("KILL", supervisor);
        await Signals.EndOfAsync(supervisor);

        await using var stop = await StopAsync("--grace", "0");

        Assert.Equal(0, stop.ExitCode);
        Assert.Contains("had been killed; ended what was left of it", stop.OutputText);
        Assert.False(Signals.IsAlive(worker));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_run_in_the_foreground_can_be_stopped_from_elsewhere_too()
    {
        TestLimits.NeedsLinux();
        await using var run = DpwaCommand.Start(_folder.Location, "run", "--workers", "1", "--", "sh", "-c", Shell.Saves);
        await run.Output.FirstAsync(line => line.EndsWith("ready", StringComparison.Ordinal));

        await using var stop = await StopAsync("--json");

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.Equal("stopped", JsonDocument.Parse(stop.OutputText).RootElement.GetProperty("outcome").GetString());
    }

    // Once the fifo is there, opening it waits for who writes into it.
    private async Task<string> FromWorkerAsync()
    {
        using var watcher = new FileSystemWatcher(_folder.Location);
        var made = new TaskCompletionSource();
        watcher.Created += (_, created) =>
        {
            if (created.Name == "fifo") made.TrySetResult();
        };
        watcher.EnableRaisingEvents = true;
        if (!File.Exists(_folder["fifo"])) await made.Task.WaitAsync(TestContext.Current.CancellationToken);
        return (await File.ReadAllTextAsync(_folder["fifo"], TestContext.Current.CancellationToken)).Trim();
    }

    private async Task<int> DetachAsync(string script, params string[] options)
    {
        await using var run = await DpwaCommand.RunAsync(_folder.Location, ["run", "--detach", "--workers", "1", .. options, "--", "sh", "-c", script]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("tail -f dpwa-logs/dpwa-run.log", run.OutputText);
        return RunRecord.Read(Path.Combine(Logs, "run.json"))!.Supervisor.Id;
    }

    private Task<DpwaCommand> StopAsync(params string[] options) => DpwaCommand.RunAsync(_folder.Location, ["stop", .. options]);
}
