using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Dpwa.Cli.Tests.Support;
using Dpwa.Launch.Configuration;
using Dpwa.Launch.Hosts;

namespace Dpwa.Cli.Tests;

public sealed class RunCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Each_worker_is_told_who_it_is_in_its_arguments_and_its_environment()
    {
        TestLimits.NeedsLinux();
        var config = WriteConfig(2);

        await using var dpwa = await RunAsync("--", "sh", "-c", "echo $0 $1 $2; echo $DPWA_NAME $DPWA_CONFIG $DPWA_WORKER_INDEX $DPWA_WORKER_COUNT", "--name={name}", "{config}", "{index}");

        Assert.Equal(0, dpwa.ExitCode);
        Assert.Equal([$"w1 | --name=w1 {config} 0", $"w1 | w1 {config} 0 2"], Of(dpwa, "w1"));
        Assert.Equal([$"w2 | --name=w2 {config} 1", $"w2 | w2 {config} 1 2"], Of(dpwa, "w2"));
        Assert.Equal([$"--name=w2 {config} 1", $"w2 {config} 1 2"], File.ReadAllLines(_folder["dpwa-logs/w2.log"]));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Workers_share_the_cpus_and_their_threads_are_as_many()
    {
        TestLimits.NeedsLinux();
        var shares = Dpwa.Launch.Cpus.Affinity.Own().ShareOut(2);
        WriteConfig(2);

        await using var dpwa = await RunAsync("--", "sh", "-c", "echo $OMP_NUM_THREADS; grep Cpus_allowed_list /proc/self/status");

        var threads = shares.Select(share => Dpwa.Launch.Cpus.Affinity.Threads(share, 2)).ToArray();
        Assert.Equal([$"w1 | {threads[0]}", $"w1 | Cpus_allowed_list:\t{shares[0]}"], Of(dpwa, "w1"));
        Assert.Equal([$"w2 | {threads[1]}", $"w2 | Cpus_allowed_list:\t{shares[1]}"], Of(dpwa, "w2"));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task If_any_worker_fails_the_run_fails_and_the_summary_says_which()
    {
        TestLimits.NeedsLinux();
        WriteConfig(2);

        await using var dpwa = await RunAsync("--", "sh", "-c", "echo trouble >&2; test {index} = 0");

        Assert.Equal(1, dpwa.ExitCode);
        Assert.Equal(["w1 | trouble", "w2 | trouble"], dpwa.Error.All.Select(line => line.Replace("   |", " |")).Order());
        Assert.Contains(dpwa.Output.All, line => line.StartsWith('|') && line.Contains("w1") && line.Contains("finished"));
        Assert.Contains(dpwa.Output.All, line => line.StartsWith('|') && line.Contains("w2") && line.Contains("failed: exit code 1"));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task What_is_not_a_terminal_gets_no_colours()
    {
        TestLimits.NeedsLinux();
        WriteConfig(1);

        await using var dpwa = await RunAsync("--", "sh", "-c", "echo a; echo b >&2; exit 1");

        Assert.DoesNotContain('\e', dpwa.OutputText + dpwa.ErrorText);
    }

    [Theory(Timeout = TestLimits.Milliseconds)]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task One_signal_stops_every_worker_gently(string signal)
    {
        TestLimits.NeedsLinux();
        WriteConfig(2);
        await using var dpwa = Start("--grace", "100", "--", "sh", "-c", "trap 'echo saved; exit 0' TERM INT HUP; echo ready; while :; do sleep 0.05; done");
        await ReadyAsync(dpwa);

        await dpwa.SignalAsync(signal);

        Assert.Equal(0, await dpwa.ExitCodeAsync());
        Assert.Equal(["w1   | saved", "w2   | saved"], dpwa.Output.All.Where(line => line.EndsWith("saved", StringComparison.Ordinal)).Order());
        Assert.False(File.Exists(_folder["dpwa-logs/run.json"]));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task The_second_signal_forces_at_once_and_grandchildren_go_too()
    {
        TestLimits.NeedsLinux();
        WriteConfig(2);
        await using var dpwa = Start("--grace", "80000", "--", "sh", "-c", "trap '' TERM INT; sleep 1000 & echo child $!; echo ready; while :; do sleep 0.05; done");
        await ReadyAsync(dpwa);
        var children = dpwa.Output.All.Where(line => line.Contains("child")).Select(line => int.Parse(line.Split(' ')[^1])).ToArray();
        Assert.All(children, child => Assert.True(Signals.IsAlive(child)));

        await dpwa.SignalAsync("INT");
        await dpwa.Output.FirstAsync(line => line.Contains("stopping 2 workers"));
        await dpwa.SignalAsync("INT");

        Assert.Equal(1, await dpwa.ExitCodeAsync());
        Assert.Equal(2, children.Length);
        Assert.All(children, child => Assert.False(Signals.IsAlive(child)));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Who_does_not_end_in_time_is_forced()
    {
        TestLimits.NeedsLinux();
        WriteConfig(1);
        await using var dpwa = Start("--grace", "0", "--", "sh", "-c", Shell.Ignores);
        await dpwa.Output.FirstAsync(line => line.EndsWith("ready", StringComparison.Ordinal));

        await dpwa.SignalAsync("TERM");

        Assert.Equal(1, await dpwa.ExitCodeAsync());
        Assert.Contains("ended by force", dpwa.OutputText);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_run_that_is_killed_takes_its_workers_with_it()
    {
        TestLimits.NeedsLinux();
        WriteConfig(1);
        await using var dpwa = Start("--grace", "0", "--", "sh", "-c", "trap '' TERM INT; sleep 1000 & echo child $!; while :; do sleep 0.05; done");
        var child = int.Parse((await dpwa.Output.FirstAsync(line => line.Contains("child"))).Split(' ')[^1]);

        await dpwa.SignalAsync("KILL");

        await Signals.EndOfAsync(child);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_port_in_use_is_told_with_its_line_and_nothing_starts()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var taken = ((IPEndPoint)listener.LocalEndpoint).Port;
        _folder.Write("dpwa.yaml", $"nodes:\n  - {{name: w1, host: 127.0.0.1, port: {FreePorts.FindRange(IPAddress.Loopback, 1, new Random())}}}\n  - {{name: w2, host: 127.0.0.1, port: {taken}}}\n");

        await using var dpwa = await RunAsync("--", "sh", "-c", "touch started");

        Assert.Equal(2, dpwa.ExitCode);
        Assert.StartsWith("dpwa.yaml:3:", Assert.Single(dpwa.Error.All));
        Assert.Contains($"{taken}", dpwa.ErrorText);
        Assert.False(File.Exists(_folder["started"]));
        Assert.Empty(Directory.EnumerateFiles(_folder["dpwa-logs"]));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Without_a_configuration_a_temporary_one_is_made()
    {
        TestLimits.NeedsLinux();

        await using var dpwa = await RunAsync("--workers", "3", "--", "sh", "-c", "test -f $DPWA_CONFIG && echo $DPWA_WORKER_COUNT");

        Assert.Equal(0, dpwa.ExitCode);
        Assert.Contains("There is no dpwa.yaml here: made dpwa-logs/dpwa.yaml", dpwa.OutputText);
        Assert.Equal(3, DpwaOptions.Load(_folder["dpwa-logs/dpwa.yaml"]).Nodes.Count);
        Assert.Equal(["w3 | 3"], Of(dpwa, "w3"));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Only_the_nodes_of_this_machine_are_started()
    {
        TestLimits.NeedsLinux();
        var port = FreePorts.FindRange(IPAddress.Loopback, 2, new Random());
        _folder.Write("dpwa.yaml", $"nodes:\n  - {{name: far, host: 192.0.2.1, port: 24000}}\n  - {{name: near, host: localhost, port: {port}}}\n  - {{name: also, host: 127.0.0.1, port: {port + 1}}}\n");

        await using var all = await RunAsync("--", "sh", "-c", "echo $DPWA_WORKER_INDEX of $DPWA_WORKER_COUNT");
        Assert.Contains("1 of 3 nodes are on other machines and are not started here: far.", all.OutputText);
        Assert.Equal(["near | 1 of 3"], Of(all, "near"));
        Assert.Equal(["also | 2 of 3"], Of(all, "also"));
        Assert.Empty(Of(all, "far"));

        await using var one = await RunAsync("--names", "also", "--", "sh", "-c", "echo here");
        Assert.Empty(Of(one, "near"));
        Assert.Equal(["also | here"], Of(one, "also"));

        await using var none = await RunAsync("--names", "alsi", "--", "sh", "-c", "echo here");
        Assert.Equal(2, none.ExitCode);
        Assert.Contains("did you mean 'also'", none.ErrorText);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task More_workers_than_nodes_are_refused()
    {
        WriteConfig(2);

        await using var dpwa = await RunAsync("--workers", "3", "--", "sh", "-c", "exit 0");

        Assert.Equal(2, dpwa.ExitCode);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_worker_that_failed_is_started_again_when_asked_for()
    {
        TestLimits.NeedsLinux();
        WriteConfig(1);

        await using var dpwa = await RunAsync("--restart", "on-failure", "--", "sh", "-c", "test -f tried && exit 0; touch tried; exit 4");

        Assert.Equal(0, dpwa.ExitCode);
        Assert.Contains("w1 failed: exit code 4", dpwa.OutputText);
        Assert.Contains("w1 will be started again in 1 s (restart 1)", dpwa.OutputText);
        Assert.Contains("w1 started again (restart 1)", dpwa.OutputText);
    }

    [Theory(Timeout = TestLimits.Milliseconds)]
    [InlineData("--json")]
    [InlineData("--log-format=json")]
    public async Task A_program_can_follow_a_run_as_json(string option)
    {
        TestLimits.NeedsLinux();
        WriteConfig(1);

        await using var dpwa = await RunAsync(option, "--", "sh", "-c", "echo hello; exit 7");

        var events = dpwa.Output.All.Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(["planned", "started", "output", "exited", "finished"], events.Select(line => line.GetProperty("event").GetString()));
        Assert.Equal("hello", events[2].GetProperty("text").GetString());
        Assert.Equal((7, "failed"), (events[3].GetProperty("exitCode").GetInt32(), events[3].GetProperty("outcome").GetString()));
        Assert.False(events[4].GetProperty("success").GetBoolean());
        Assert.Equal(["information", "information", "information", "error", "error"], events.Select(line => line.GetProperty("level").GetString()));
        Assert.Equal(events.Select(line => line.GetProperty("time").GetDateTimeOffset()).Order(), events.Select(line => line.GetProperty("time").GetDateTimeOffset()));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Workers_are_asked_for_json_and_what_they_write_of_it_can_be_read_as_it_is()
    {
        TestLimits.NeedsLinux();
        WriteConfig(1);

        await using var dpwa = await RunAsync("--log-format", "json", "--", "sh", "-c", """echo '{"LogLevel":"Warning","format":"'$DPWA_LOG_FORMAT'"}'; echo '{broken'; echo '{"a":1,"a":2}'""");

        var lines = dpwa.Output.All.Select(line => JsonDocument.Parse(line).RootElement).Where(line => line.GetProperty("event").GetString() == "output").ToArray();
        Assert.Equal("json", lines[0].GetProperty("data").GetProperty("format").GetString());
        Assert.Equal("{broken", lines[1].GetProperty("text").GetString());
        Assert.False(lines[1].TryGetProperty("data", out _));
        Assert.Equal(3, lines.Length);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Without_it_workers_are_asked_for_nothing()
    {
        TestLimits.NeedsLinux();
        WriteConfig(1);

        await using var dpwa = await RunAsync("--", "sh", "-c", "echo format=$DPWA_LOG_FORMAT.");

        Assert.Equal(["w1 | format=."], Of(dpwa, "w1"));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task What_follows_the_dashes_is_the_commands_alone()
    {
        TestLimits.NeedsLinux();
        WriteConfig(1);

        await using var dpwa = await RunAsync("--", "printf", "%s;", "--", "--json", "@file", "--help", "a b", "[x]");

        Assert.Equal(["w1 | --;--json;@file;--help;a b;[x];"], Of(dpwa, "w1"));
    }

    private static IEnumerable<string> Of(DpwaCommand dpwa, string worker) =>
        dpwa.Output.All.Where(line => line.StartsWith(worker + " ", StringComparison.Ordinal)).Select(line => $"{worker} {line[line.IndexOf('|')..]}");

    private static async Task ReadyAsync(DpwaCommand dpwa)
    {
        foreach (var name in new[] { "w1", "w2" })
            await dpwa.Output.FirstAsync(line => line.StartsWith(name, StringComparison.Ordinal) && line.EndsWith("ready", StringComparison.Ordinal));
    }

    private DpwaCommand Start(params string[] arguments) => DpwaCommand.Start(_folder.Location, ["run", .. arguments]);

    private Task<DpwaCommand> RunAsync(params string[] arguments) => DpwaCommand.RunAsync(_folder.Location, ["run", .. arguments]);

    private string WriteConfig(int workers) =>
        _folder.Write("dpwa.yaml", new ConfigurationTemplate(workers, "127.0.0.1", FreePorts.FindRange(IPAddress.Loopback, workers, new Random())).Render());
}
