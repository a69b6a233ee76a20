using System.Net;
using Dpwa.Cli.Tests.Support;
using Dpwa.Launch.Configuration;
using Dpwa.Launch.Hosts;

namespace Dpwa.Cli.Tests.Bench;

public sealed class ExchangeTests : IDisposable
{
    private static readonly string[] Small = ["--size", "400kB", "--tensors", "7", "--steps", "6"];

    // Hours.
    private static readonly string[] Endless = ["--size", "4MB", "--steps", "100000", "--train-ms", "100"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Every_figure_is_there_and_can_be_true()
    {
        var answer = await BenchRun.MeasureAsync(_folder.Location, ["exchange", .. Small, "--train-ms", "2", "--transport", "tcp", "--apply", "delta"]);

        Assert.Equal(("tcp", "float32", "delta"), (answer.GetProperty("transport").GetString(), answer.GetProperty("codec").GetString(), answer.GetProperty("apply").GetString()));
        Assert.Equal((400_000, 2, 7), (answer.Number("bytes"), answer.Number("workers"), answer.Number("tensors")));
        Assert.InRange(answer.Number("payload_bytes"), 400_000, 400_000 + (7 * 64));
        foreach (var name in new[] { "exchange_ms", "blocked_ms", "lost_ms" })
        {
            var spread = answer.GetProperty(name);
            Assert.True(double.IsFinite(spread.Number("median")) && spread.Number("median") <= spread.Number("p99"), $"{name}: {spread}");
        }

        Assert.True(answer.GetProperty("exchange_ms").Number("median") > 0);
        Assert.True(answer.GetProperty("blocked_ms").Number("median") > 0);
        Assert.True(double.IsFinite(answer.Number("cpu_ms")));
        foreach (var name in new[] { "mb_per_s", "raw_socket_mb_per_s", "memcpy_gb_per_s", "blend_gb_per_s", "mix_gb_per_s", "private_mb", "model_copies", "limit_ms", "over_limit" })
            Assert.True(double.IsFinite(answer.Number(name)) && answer.Number(name) > 0, $"{name}: {answer.Number(name)}");
        Assert.InRange(answer.Number("allocated_bytes_per_step"), 0, 100_000);
        Assert.InRange(answer.Number("shared_mb"), 0, 1000);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Every_step_of_every_worker_is_counted_once()
    {
        var plain = await BenchRun.MeasureAsync(_folder.Location, ["exchange", .. Small, "--workers", "3"]);
        var training = await BenchRun.MeasureAsync(_folder.Location, ["exchange", .. Small, "--train-ms", "1", "--train", "sleep", "--no-pin"]);

        Assert.Equal(3 * 6, plain.Number("measured_exchanges") + plain.Number("failed_exchanges"));
        Assert.Equal(2 * 2 * 6, training.Number("measured_exchanges") + training.Number("failed_exchanges"));
        Assert.Equal(3, plain.GetProperty("reporting").GetArrayLength());
        Assert.Equal(("busy", "sleep", false), (plain.GetProperty("train").GetString(), training.GetProperty("train").GetString(), training.GetProperty("pinned").GetBoolean()));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Machines_that_share_a_configuration_measure_together_and_each_reports_its_own()
    {
        WriteConfig(2);

        var both = await Task.WhenAll(
            BenchRun.MeasureAsync(_folder.Location, ["exchange", .. Small, "--config", "dpwa.yaml", "--name", "w1"]),
            BenchRun.MeasureAsync(_folder.Location, ["exchange", .. Small, "--config", "dpwa.yaml", "--name", "w2"]));

        Assert.Equal([["w1"], ["w2"]], both.Select(answer => answer.GetProperty("reporting").EnumerateArray().Select(name => name.GetString()!).ToArray()));
        Assert.All(both, answer => Assert.Equal((2, 6), (answer.Number("workers"), answer.Number("measured_exchanges") + answer.Number("failed_exchanges"))));
    }

    [Theory(Timeout = TestLimits.Milliseconds)]
    [InlineData("certs", "tls: certs")]
    [InlineData("--cluster-key cluster.key", "cluster_key: {file: cluster.key}")]
    public async Task Encrypted_exchanges_are_measured_as_any_are(string made, string key)
    {
        WriteConfig(2);
        await using var cert = await DpwaCommand.RunAsync(_folder.Location, ["cert", .. made.Split(' ')]);
        await File.AppendAllTextAsync(_folder["dpwa.yaml"], $"{key}\n", TestContext.Current.CancellationToken);

        var answer = await BenchRun.MeasureAsync(_folder.Location, ["exchange", .. Small, "--config", "dpwa.yaml", "--transport", "tcp"]);

        Assert.Equal((2 * 6, 0), (answer.Number("measured_exchanges"), answer.Number("failed_exchanges")));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Machines_with_other_options_are_told_so()
    {
        WriteConfig(2);

        await using var one = DpwaCommand.Start(_folder.Location, ["bench", "exchange", .. Small, "--config", "dpwa.yaml", "--name", "w1"]);
        await using var other = DpwaCommand.Start(_folder.Location, ["bench", "exchange", .. Small, "--config", "dpwa.yaml", "--name", "w2", "--train-ms", "3"]);

        Assert.Equal((1, 1), (await one.ExitCodeAsync(), await other.ExitCodeAsync()));
        Assert.Contains("w1: w2 measures something else", one.ErrorText);
        Assert.Contains("w2: w1 measures something else", other.ErrorText);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_worker_that_never_comes_is_named()
    {
        WriteConfig(2);

        await using var dpwa = await DpwaCommand.RunAsync(_folder.Location, ["bench", "exchange", .. Small, "--config", "dpwa.yaml", "--name", "w1", "--wait", "0.3"]);

        Assert.Equal(1, dpwa.ExitCode);
        Assert.Contains("w2", Assert.Single(dpwa.Error.All));
        Assert.Contains("0.3 seconds", dpwa.ErrorText);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_worker_that_is_killed_ends_the_measurement_and_every_other_worker()
    {
        TestLimits.NeedsLinux();
        await using var dpwa = DpwaCommand.Start(_folder.Location, ["bench", "exchange", .. Endless]);
        var workers = await Children.WaitAsync(dpwa.Id, 2, "--job");

        await Signals.SendAsync("KILL", workers[1]);

        Assert.Equal(1, await dpwa.ExitCodeAsync());
        Assert.Contains("SIGKILL", dpwa.ErrorText);
        Assert.All(workers, worker => Assert.False(Signals.IsAlive(worker)));
    }

    [Theory(Timeout = TestLimits.Milliseconds)]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task One_signal_stops_every_worker(string signal)
    {
        TestLimits.NeedsLinux();
        await using var dpwa = DpwaCommand.Start(_folder.Location, ["bench", "exchange", .. Endless]);
        var workers = await Children.WaitAsync(dpwa.Id, 2, "--job");

        await dpwa.SignalAsync(signal);

        Assert.Equal(1, await dpwa.ExitCodeAsync());
        Assert.Equal("Stopped before the measurement was over.", Assert.Single(dpwa.Error.All));
        Assert.All(workers, worker => Assert.False(Signals.IsAlive(worker)));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_link_that_is_slow_is_what_sockets_and_exchanges_get()
    {
        var answer = await BenchRun.MeasureAsync(_folder.Location, "exchange", "--size", "1MB", "--steps", "4", "--rate", "80Mbit");

        // 10 MB/s, and what the bucket holds at once on top of it. How much slower a busy machine is cannot be said.
        Assert.Equal(("tcp", 80e6), (answer.GetProperty("transport").GetString(), answer.Number("rate_bits_per_second")));
        Assert.InRange(answer.Number("mb_per_s"), 0, 12);
        Assert.InRange(answer.Number("raw_socket_mb_per_s"), 0, 12);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task The_table_names_what_was_measured()
    {
        await using var dpwa = await DpwaCommand.RunAsync(_folder.Location, ["bench", "exchange", .. Small]);

        Assert.Equal(0, dpwa.ExitCode);
        Assert.Contains("400 kB in 7 tensors", dpwa.OutputText);
        Assert.Contains("one exchange", dpwa.OutputText);
        Assert.DoesNotContain("NaN", dpwa.OutputText);
    }

    private void WriteConfig(int workers) =>
        _folder.Write("dpwa.yaml", new ConfigurationTemplate(workers, "127.0.0.1", FreePorts.FindRange(IPAddress.Loopback, workers, new Random())).Render());
}
