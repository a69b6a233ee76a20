using System.Runtime.InteropServices;
using Dpwa.Cli.Tests.Support;
using Dpwa.Launch;
using Dpwa.Launch.Cpus;
using Dpwa.Launch.Processes;
using Dpwa.Launch.Workers;

namespace Dpwa.Cli.Tests;

public class WorkerGroupTests
{
    private readonly Recorder _told = new();

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Each_worker_gets_its_arguments_its_environment_and_a_log()
    {
        TestLimits.NeedsLinux();
        using var folder = new TemporaryFolder();
        var workers = new[] { "a", "b" }.Select(name => Shell.Worker(name, "echo \"$0 $GREETING\"; echo oops >&2") with
        {
            Environment = new Dictionary<string, string?> { ["GREETING"] = $"hello {name}" },
            LogFile = folder[$"logs/{name}.log"],
        });

        var results = await RunAsync([.. workers]);

        Assert.Equal(["a a hello a", "b b hello b"], _told.All<WorkerOutput>().Where(line => !line.IsError).Select(line => $"{line.Worker} {line.Text}").Order());
        Assert.Equal(2, _told.All<WorkerOutput>().Count(line => line is { IsError: true, Text: "oops" }));
        Assert.Equal(["a hello a", "oops"], File.ReadAllLines(folder["logs/a.log"]).Order());
        Assert.All(results, result => Assert.Equal((WorkerOutcome.Succeeded, 0, 0), (result.Outcome, result.ExitCode, result.Restarts)));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_worker_is_pinned_from_its_start_and_we_are_not()
    {
        TestLimits.NeedsLinux();
        var before = Affinity.Own();
        var cpu = new CpuSet([before.Cpus[^1]]);

        await RunAsync(Shell.Worker("w", "grep Cpus_allowed_list /proc/self/status") with { Cpus = cpu });

        Assert.Equal(cpu.ToString(), await _told.AfterAsync("Cpus_allowed_list:"));
        Assert.Equal(before, Affinity.Own());
        Assert.Equal(before.ToString(), File.ReadLines("/proc/self/status").Single(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split('\t')[1]);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Exit_codes_are_told_worker_by_worker()
    {
        TestLimits.NeedsLinux();

        var results = await RunAsync(Shell.Worker("good", "exit 0"), Shell.Worker("bad", "exit 3"), Shell.Worker("crashed", "kill -s SEGV $$"));

        Assert.Equal([(WorkerOutcome.Succeeded, 0), (WorkerOutcome.Failed, 3), (WorkerOutcome.Failed, 139)], results.Select(result => (result.Outcome, result.ExitCode)));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_worker_that_is_asked_to_end_can_save_first()
    {
        TestLimits.NeedsLinux();
        await using var group = await StartAsync(_told.Options, Shell.Worker("w", Shell.Saves));
        await _told.AfterAsync("ready");

        await group.StopAsync(Timeout.InfiniteTimeSpan);

        Assert.Contains("saved", _told.Output("w"));
        Assert.Equal(WorkerOutcome.Stopped, Assert.Single(await group.Completion).Outcome);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_worker_that_ignores_it_is_ended_by_force()
    {
        TestLimits.NeedsLinux();
        await using var group = await StartAsync(_told.Options, Shell.Worker("w", Shell.Ignores));
        await _told.AfterAsync("ready");

        await group.StopAsync(TimeSpan.Zero);

        Assert.Equal(WorkerOutcome.Killed, Assert.Single(await group.Completion).Outcome);
        Assert.Equal(["w"], Assert.Single(_told.All<GroupKilling>()).Workers);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_background_job_that_is_deaf_to_an_interrupt_is_asked_in_another_way()
    {
        TestLimits.NeedsLinux();
        await using var group = await StartAsync(_told.Options with { Grace = Timeout.InfiniteTimeSpan }, Shell.Worker("w", "sh -c \"trap 'echo saved; exit 0' TERM; echo ready; while :; do sleep 0.05; done\" & wait"));
        await _told.AfterAsync("ready");

        await group.StopAsync(signal: PosixSignal.SIGINT);

        Assert.Contains("saved", _told.Output("w"));
        Assert.Equal(WorkerOutcome.Stopped, Assert.Single(await group.Completion).Outcome);
    }

    [Theory(Timeout = TestLimits.Milliseconds)]
    [InlineData("sleep 1000 & echo child $!; wait", "child of the worker")]
    [InlineData("sh -c 'sleep 1000 & echo child $!; wait' & wait", "grandchild")]
    [InlineData("trap '' TERM INT; sleep 1000 & echo child $!; wait; wait", "child that ignores signals")]
    [InlineData("setsid sh -c 'echo child $$; exec sleep 1000' & wait", "child with a session of its own")]
    public async Task No_descendant_is_left_after_a_stop(string script, string who)
    {
        TestLimits.NeedsLinux();
        await using var group = await StartAsync(_told.Options with { Grace = TimeSpan.FromSeconds(1) }, Shell.Worker("w", script));
        var child = int.Parse(await _told.AfterAsync("child"));
        Assert.True(Signals.IsAlive(child));

        await group.StopAsync();

        Assert.False(Signals.IsAlive(child), who);
    }

    [Theory(Timeout = TestLimits.Milliseconds)]
    [InlineData("sleep 1000 & echo child $!", 1)]
    [InlineData("(setsid sh -c 'echo child $$; exec sleep 1000' &); read line < fifo", 0)]
    public async Task What_a_worker_leaves_behind_when_it_ends_by_itself_is_ended(string script, int seen)
    {
        TestLimits.NeedsLinux();
        using var folder = new TemporaryFolder();
        var worker = Shell.Worker("w", $"mkfifo fifo; {script}") with { WorkingDirectory = folder.Location };
        await using var group = await StartAsync(_told.Options, worker);
        var child = int.Parse(await _told.AfterAsync("child"));
        if (script.Contains("fifo")) await File.WriteAllTextAsync(folder["fifo"], "go\n", TestContext.Current.CancellationToken);

        var results = await group.Completion;

        Assert.Equal(WorkerOutcome.Succeeded, Assert.Single(results).Outcome);
        Assert.Equal(seen, _told.All<WorkerLeftProcesses>().Sum(left => left.Processes));
        Assert.False(Signals.IsAlive(child));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_worker_that_fails_is_started_again_after_growing_delays_until_it_succeeds()
    {
        TestLimits.NeedsLinux();
        using var folder = new TemporaryFolder();
        var worker = Shell.Worker("w", "echo x >> count; test $(wc -l < count) -eq 3") with { WorkingDirectory = folder.Location, LogFile = folder["w.log"] };
        var policy = RestartPolicy.OnFailure with { FirstDelay = TimeSpan.FromMilliseconds(1) };
        await using var group = await StartAsync(_told.Options with { Restart = policy }, worker);

        var result = Assert.Single(await group.Completion);

        Assert.Equal((WorkerOutcome.Succeeded, 2), (result.Outcome, result.Restarts));
        Assert.Equal([(1, 1.0), (2, 2.0)], _told.All<WorkerRestarting>().Select(again => (again.Restarts, again.Delay.TotalMilliseconds)));
        Assert.Equal([0, 1, 2], _told.All<WorkerStarted>().Select(started => started.Restarts));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_worker_that_keeps_failing_is_given_up_at_the_limit()
    {
        TestLimits.NeedsLinux();
        var policy = RestartPolicy.OnFailure with { FirstDelay = TimeSpan.FromMilliseconds(1), MaxRestarts = 2 };
        await using var group = await StartAsync(_told.Options with { Restart = policy }, Shell.Worker("w", "exit 9"));

        var result = Assert.Single(await group.Completion);

        Assert.Equal((WorkerOutcome.Failed, 9, 2), (result.Outcome, result.ExitCode, result.Restarts));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_worker_that_waits_for_its_restart_can_be_stopped()
    {
        TestLimits.NeedsLinux();
        var policy = RestartPolicy.OnFailure with { FirstDelay = TimeSpan.FromDays(1), MaxDelay = TimeSpan.FromDays(1) };
        await using var group = await StartAsync(_told.Options with { Restart = policy }, Shell.Worker("w", "exit 9"));
        await _told.FirstAsync<WorkerRestarting>();

        await group.StopAsync();

        Assert.Equal(WorkerOutcome.Failed, Assert.Single(await group.Completion).Outcome);
        Assert.Single(_told.All<WorkerStarted>());
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_worker_that_is_stopped_is_not_started_again()
    {
        TestLimits.NeedsLinux();
        await using var group = await StartAsync(_told.Options with { Restart = RestartPolicy.OnFailure }, Shell.Worker("w", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done"));
        await _told.AfterAsync("ready");

        await group.StopAsync(Timeout.InfiniteTimeSpan);

        Assert.Equal((WorkerOutcome.Failed, 5, 0), Assert.Single(await group.Completion) is var result ? (result.Outcome, result.ExitCode, result.Restarts) : default);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task One_that_fails_leaves_the_others_running()
    {
        TestLimits.NeedsLinux();
        await using var group = await StartAsync(_told.Options, Shell.Worker("bad", "exit 1"), Shell.Worker("good", Shell.Saves));
        await _told.FirstAsync<WorkerExited>();
        await _told.AfterAsync("ready");

        await group.StopAsync(Timeout.InfiniteTimeSpan);

        Assert.Equal([WorkerOutcome.Failed, WorkerOutcome.Stopped], (await group.Completion).Select(result => result.Outcome));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_program_that_is_not_there_starts_nobody()
    {
        var group = new WorkerGroup([Shell.Worker("a", "exit 0"), new() { Name = "b", FileName = "no-such-program" }], _told.Options);

        var error = await Assert.ThrowsAsync<LaunchException>(group.StartAsync);

        Assert.Contains("no-such-program", error.Message);
        Assert.Empty(_told.All<LaunchEvent>());
    }

    [Fact]
    public void Two_workers_of_one_name_are_refused() =>
        Assert.Throws<LaunchException>(() => new WorkerGroup([Shell.Worker("a", ""), Shell.Worker("a", "")]));

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_group_that_was_stopped_before_its_start_starts_nobody()
    {
        var group = new WorkerGroup([Shell.Worker("w", "exit 0")], _told.Options);
        await group.StopAsync();

        await group.StartAsync();

        Assert.Equal(WorkerOutcome.Stopped, Assert.Single(await group.Completion).Outcome);
        Assert.Empty(_told.All<WorkerStarted>());
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_listener_that_throws_ends_the_group_and_its_exception_comes_out()
    {
        TestLimits.NeedsLinux();
        var worker = 0;
        await using var group = await StartAsync(new() { OnEvent = Throw }, Shell.Worker("w", Shell.Ignores));

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => group.Completion);

        Assert.False(Signals.IsAlive(worker));

        void Throw(LaunchEvent what)
        {
            if (what is WorkerStarted started) worker = started.ProcessId;
            else throw new InvalidTimeZoneException();
        }
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_grace_that_no_timer_can_count_is_none_that_ends()
    {
        TestLimits.NeedsLinux();
        await using var group = await StartAsync(_told.Options, Shell.Worker("w", Shell.Saves));
        await _told.FirstAsync<WorkerOutput>(line => line.Text == "ready");

        await group.StopAsync(TimeSpan.MaxValue);

        Assert.Contains("saved", _told.Output("w"));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Disposing_leaves_nothing_behind()
    {
        TestLimits.NeedsLinux();
        var group = await StartAsync(_told.Options, Shell.Worker("w", Shell.Ignores));
        var started = await _told.FirstAsync<WorkerStarted>();

        await group.DisposeAsync();

        Assert.False(Signals.IsAlive(started.ProcessId));
        Assert.True(group.Completion.IsCompleted);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Progress_bars_long_lines_and_a_last_line_without_an_end_are_lines()
    {
        TestLimits.NeedsLinux();

        await RunAsync(Shell.Worker("w", @"printf '10%%\r20%%\rdone\r\n\nlast'"), Shell.Worker("long", "head -c 40000 /dev/zero | tr '\\0' x"));

        Assert.Equal(["10%", "20%", "done", "", "last"], _told.Output("w"));
        Assert.Equal([16_384, 16_384, 40_000 - (2 * 16_384)], _told.Output("long").Select(line => line.Length));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_worker_that_reads_finds_the_end_of_its_input()
    {
        TestLimits.NeedsLinux();

        await RunAsync(Shell.Worker("w", "read line || echo nothing to read"));

        Assert.Equal(["nothing to read"], _told.Output("w"));
    }

    private static async Task<WorkerGroup> StartAsync(WorkerGroupOptions options, params WorkerSpec[] workers)
    {
        var group = new WorkerGroup(workers, options);
        await group.StartAsync();
        return group;
    }

    private async Task<IReadOnlyList<WorkerResult>> RunAsync(params WorkerSpec[] workers)
    {
        await using var group = await StartAsync(_told.Options, workers);
        return await group.Completion;
    }
}
