using System.Text.Json;
using Dpwa.Cli.Tests.Support;

namespace Dpwa.Cli.Tests.Simulate;

public sealed class SimulateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Two_processes_with_one_seed_run_alike_and_with_another_seed_not()
    {
        string[] some = ["--nodes", "64", "--rounds", "10", "--failure-rate", "0.05", "--latency", "lognormal:1:0.5", "--bandwidth", "lognormal:1Mbit:0.5", "--seed"];
        var hashes = new List<string?>();
        foreach (var seed in new[] { "7", "7", "8" }) hashes.Add((await JsonOfAsync([.. some, seed])).GetProperty("trace_hash").GetString());

        Assert.Matches("^[0-9a-f]{16}$", hashes[0]);
        Assert.Equal(hashes[0], hashes[1]);
        Assert.NotEqual(hashes[0], hashes[2]);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task The_answer_for_one_method_has_the_start_and_every_round()
    {
        var answer = await JsonOfAsync("--nodes", "512", "--problem", "consensus", "--rounds", "16", "--repeat", "2");

        Assert.Equal(("dpwa", 512), (answer.GetProperty("method").GetString(), answer.GetProperty("nodes").GetInt32()));
        Assert.True(answer.GetProperty("seconds").GetDouble() > 0);
        Assert.True(answer.GetProperty("peak_rss_mb").GetDouble() > 1);
        var rounds = answer.GetProperty("rounds").EnumerateArray().ToArray();
        Assert.Equal(Enumerable.Range(0, 17), rounds.Select(round => round.GetProperty("round").GetInt32()));
        Assert.Equal(Enumerable.Range(0, 17).Select(round => 64.0 * round), rounds.Select(round => round.GetProperty("bytes_per_node").GetDouble()));
        Assert.All(rounds, round => Assert.True(round.GetProperty("loss").GetDouble() >= 0));

        // 512 normal values of variance 1 at the start; less than 1e-4 after about 14 rounds.
        var variances = rounds.Select(round => round.GetProperty("consensus_distance").GetDouble() / 512).ToArray();
        Assert.InRange(variances[0], 0.8, 1.2);
        Assert.InRange(Array.FindIndex(variances, variance => variance < 1e-4), 13, 15);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Methods_are_compared_in_one_answer_one_table_and_one_plot()
    {
        string[] compared = ["--problem", "quadratic", "--nodes", "8", "--stragglers", "1x10", "--method", "dpwa,all-reduce"];
        var runs = (await JsonOfAsync([.. compared, "--plot", "a.png"])).GetProperty("runs").EnumerateArray().ToArray();
        await using var table = await DpwaCommand.RunAsync(_folder.Location, ["simulate", .. compared, "--plot", "a.svg"]);

        Assert.Equal(["dpwa", "all-reduce"], runs.Select(run => run.GetProperty("method").GetString()));
        Assert.Equal([7.1, 0.8], runs.Select(run => Math.Round(run.GetProperty("steps_per_second").GetDouble(), 2)));
        Assert.True(table.ExitCode == 0, table.ErrorText);
        Assert.Matches(@"\| dpwa +\| +random \| +7\.10 \|", table.OutputText);
        Assert.Matches(@"\| all-reduce +\| +all \| +0\.80 \|", table.OutputText);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(_folder["a.png"])[..4]);
        var svg = File.ReadAllText(_folder["a.svg"]);
        foreach (var part in new[] { "dpwa, random", "all-reduce", "#0072B2", "#D55E00", "consensus distance", "rounds", "virtual time (s)", "bytes sent by a node", "</svg>" }) Assert.Contains(part, svg);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Csv_has_a_line_for_each_round_of_each_method()
    {
        await using var dpwa = await DpwaCommand.RunAsync(_folder.Location, "simulate", "--nodes", "4", "--rounds", "3", "--method", "dpwa,all-reduce", "--csv");

        Assert.Equal(0, dpwa.ExitCode);
        Assert.Equal("method,topology,round,time_s,consensus_distance,bytes_per_node,loss,worker_loss,variant", dpwa.Output.All[0]);
        Assert.Equal(9, dpwa.Output.All.Count);
        Assert.StartsWith("all-reduce,all,3,", dpwa.Output.All[^1], StringComparison.Ordinal);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Logistic_regression_learns_from_a_file()
    {
        var lines = Enumerable.Range(0, 60).Select(i => $"{i % 3 * 5 + i % 2},{10 - i % 3 * 5},{i % 3}");
        _folder.Write("data.csv", $"a,b,target\n{string.Join('\n', lines)}\n");

        var answer = await JsonOfAsync("--problem", "logistic", "--data", "data.csv", "--nodes", "4", "--rounds", "80", "--set", "apply=delta", "--non-iid");

        var losses = answer.GetProperty("rounds").EnumerateArray().Select(round => round.GetProperty("loss").GetDouble()).ToArray();
        Assert.Equal(Math.Log(3), losses[0], 1e-6);
        Assert.True(losses[^1] < losses[0] / 1.5, $"{losses[^1]}");
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Keys_of_the_configuration_can_be_set()
    {
        var half = await JsonOfAsync("--nodes", "16", "--set", "fetch_probability=0.5", "--set", "constant={value: 0.25}");

        var bytes = half.GetProperty("rounds").EnumerateArray().Last().GetProperty("bytes_per_node").GetDouble();
        Assert.InRange(bytes, 0.4 * 50 * 64, 0.6 * 50 * 64);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task The_baseline_is_compared_whatever_gossip_is_told()
    {
        string[] compared = ["--nodes", "2", "--rounds", "2", "--method", "dpwa,all-reduce", "--topology", "graph", "--set", "graph=[[w1, w2]]"];
        var runs = (await JsonOfAsync(compared)).GetProperty("runs").EnumerateArray().ToArray();

        Assert.Equal(["graph", "all"], runs.Select(run => run.GetProperty("topology").GetString()));
        Assert.Equal(0, runs[1].GetProperty("rounds")[1].GetProperty("consensus_distance").GetDouble(), 1e-12);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Every_partition_that_is_given_lies_between_its_nodes()
    {
        // Cut into three, for as long as it runs: no pair is left in one part, so nobody gets anything.
        string[] some = ["--nodes", "3", "--rounds", "5"];
        double[] bytes = [.. await BytesAsync([.. some, "--partition", "1-1@0-100"]), .. await BytesAsync([.. some, "--partition", "1-1@0-100", "--partition", "2-2@0-100"])];

        Assert.True(bytes[0] > 0);
        Assert.Equal(0, bytes[1]);

        async Task<double[]> BytesAsync(string[] arguments) =>
            [(await JsonOfAsync(arguments)).GetProperty("rounds").EnumerateArray().Last().GetProperty("bytes_per_node").GetDouble()];
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Variants_have_settings_of_their_own_and_the_keys_of_all_where_they_say_nothing()
    {
        string[] compared =
        [
            "--problem", "quadratic", "--noise", "0", "--nodes", "4", "--rounds", "10", "--set", "apply=parameters", "--set", "fetch_probability=1",
            "--variant", "delta: apply=delta; lr=0.1", "--variant", "twice, \"parameters\": lr=0.2", "--variant", "half of NoLoCo: method=noloco; apply=delta; exchange_every=2; outer={beta: 0.5, gamma: 0.3}",
            "--variant", "none: failure-rate=1", "--variant", "barrier: method=all-reduce; lr=0.1",
        ];
        var runs = (await JsonOfAsync([.. compared, "--plot", "a.svg"])).GetProperty("runs").EnumerateArray().ToArray();
        await using var csv = await DpwaCommand.RunAsync(_folder.Location, ["simulate", .. compared, "--csv"]);

        Assert.Equal(["delta", "twice, \"parameters\"", "half of NoLoCo", "none", "barrier"], runs.Select(run => run.GetProperty("variant").GetString()));
        Assert.Equal(["dpwa", "dpwa", "noloco", "dpwa", "all-reduce"], runs.Select(run => run.GetProperty("method").GetString()));

        // All nodes are alike here: x shrinks by 1 − η a step; an exchange in the parameters form keeps half of a step.
        double[] losses = [.. runs.Select(run => run.GetProperty("rounds").EnumerateArray().Last().GetProperty("loss").GetDouble())];
        var alone = Math.Pow(0.9, 20) / 2;
        foreach (var same in new[] { 0, 1, 3, 4 }) Assert.Equal(alone, losses[same], 1e-5);
        Assert.True(losses[2] > 1.2 * alone, $"an outer step of one half is slower: {losses[2]}");
        var bytes = runs.Select(run => run.GetProperty("rounds").EnumerateArray().Last().GetProperty("bytes_per_node").GetDouble()).ToArray();
        Assert.Equal([640, 640, 640, 0], bytes[..4]);
        Assert.EndsWith(",\"twice, \"\"parameters\"\"\"", csv.Output.All[12], StringComparison.Ordinal);
        Assert.Contains("half of NoLoCo", File.ReadAllText(_folder["a.svg"]));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Variants_are_run_with_every_method_and_topology()
    {
        await using var dpwa = await DpwaCommand.RunAsync(_folder.Location, "simulate", "--nodes", "4", "--rounds", "2", "--topology", "ring,hypercube", "--variant", "half: fetch_probability=0.5", "--variant", "all:", "--plot", "a.svg");

        Assert.True(dpwa.ExitCode == 0, dpwa.ErrorText);
        var svg = File.ReadAllText(_folder["a.svg"]);
        foreach (var name in new[] { "half, ring", "half, hypercube", "all, ring", "all, hypercube" })
        {
            Assert.Contains(name, dpwa.OutputText);
            Assert.Contains(name, svg);
        }
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Bytes_that_differ_by_decades_are_drawn_on_a_logarithmic_axis()
    {
        foreach (var (parts, file) in new[] { ("0.01", "far.svg"), ("0.5", "near.svg") })
        {
            await using var dpwa = await DpwaCommand.RunAsync(_folder.Location, "simulate", "--nodes", "2", "--rounds", "20", "--dim", "100000", "--variant", $"part: subset={parts}", "--variant", "all:", "--plot", file);
            Assert.True(dpwa.ExitCode == 0, dpwa.ErrorText);
        }

        // Where no font has raised figures.
        string[] million = ["10⁶", "1e6"];
        Assert.Contains(million, File.ReadAllText(_folder["far.svg"]).Contains);
        Assert.DoesNotContain(million, File.ReadAllText(_folder["near.svg"]).Contains);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_training_that_runs_away_is_null_in_json()
    {
        var answer = await JsonOfAsync("--problem", "quadratic", "--lr", "1e6");

        Assert.Equal(JsonValueKind.Null, answer.GetProperty("rounds").EnumerateArray().Last().GetProperty("loss").ValueKind);
    }

    [Theory(Timeout = TestLimits.Milliseconds)]
    [InlineData("--topology hypercube: ", "--nodes", "3", "--topology", "hypercube")]
    [InlineData("--set fetch_probabilty=1: ", "--set", "fetch_probabilty=1")]
    [InlineData("--set apply: ", "--set", "apply")]
    [InlineData("--method pigeon: ", "--method", "dpwa,pigeon")]
    [InlineData("--variant 'fetch_probability=1': it must be a name", "--variant", "fetch_probability=1")]
    [InlineData("--variant 'a', fetch_probabilty=1: ", "--variant", "a: fetch_probabilty=1")]
    [InlineData("--variant 'a', apply: it must be a key", "--variant", "a: apply")]
    [InlineData("lr is 'fast'", "--variant", "a: lr=fast")]
    [InlineData("failure-rate is '2'", "--variant", "a: failure-rate=2")]
    [InlineData("so does --method", "--method", "dpwa", "--variant", "a: method=noloco")]
    [InlineData("--latency: ", "--latency", "uniform:5:1")]
    [InlineData("--bandwidth: ", "--bandwidth", "fast")]
    [InlineData("--bandwidth: ", "--bandwidth", "uniform:1Gbit:1Mbit")]
    [InlineData("--bandwidth: ", "--bandwidth", "lognormal:1Mbit:3")]
    [InlineData("--stragglers: ", "--stragglers", "1.5x2")]
    [InlineData("17 stragglers", "--stragglers", "17x2")]
    [InlineData("--churn: ", "--churn", "2")]
    [InlineData("--partition: ", "--partition", "1-8")]
    [InlineData("--partition: '9-a", "--partition", "1-8@1-2", "--partition", "9-a@1-2")]
    [InlineData("nodes 9 to 80 of 16", "--partition", "1-8@1-2", "--partition", "9-80@1-2")]
    [InlineData("--set seed=5: give it by the option of that name, --seed", "--set", "seed=5")]
    [InlineData("--set nodes=[]: give it by the option of that name, --nodes", "--set", "nodes=[]")]
    [InlineData("--variant 'a', seed=5: ", "--variant", "a: seed=5")]
    [InlineData("--set method=noloco: it sets the method, and so does --method", "--method", "dpwa", "--set", "method=noloco")]
    [InlineData("--set topology=ring: it sets the topology, and so does --topology", "--topology", "hypercube", "--set", "topology=ring")]
    [InlineData("nodes 1 to 80 of 16", "--partition", "1-80@1-2")]
    [InlineData("--plot: ", "--plot", "a.jpg")]
    [InlineData("--failure-rate", "--failure-rate", "1.5")]
    [InlineData("--nodes", "--nodes", "0")]
    [InlineData("--json and --csv", "--json", "--csv")]
    [InlineData("--data", "--data", "digits.csv")]
    [InlineData("no.csv", "--problem", "logistic", "--data", "no.csv")]
    [InlineData("no name", "--problem", "logistic", "--data", "")]
    [InlineData("samples", "--problem", "logistic", "--data", "two.csv")]
    [InlineData("synthetic samples", "--problem", "logistic", "--dim", "1500000", "--nodes", "1")]
    [InlineData("memory", "--nodes", "20000", "--dim", "10000000")]
    [InlineData("one pair", "--one-pair", "--topology", "ring")]
    public async Task A_mistake_is_told_with_the_word_it_is_in(string told, params string[] arguments)
    {
        _folder.Write("two.csv", "a,b\n1,0\n2,1\n");

        await using var dpwa = await DpwaCommand.RunAsync(_folder.Location, ["simulate", .. arguments]);

        Assert.Equal(2, dpwa.ExitCode);
        Assert.Contains(told, dpwa.ErrorText);
        Assert.DoesNotContain("   at ", dpwa.ErrorText);
        Assert.DoesNotContain("Exception", dpwa.ErrorText);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_training_that_runs_away_and_whose_loss_is_needed_ends_with_1()
    {
        await using var dpwa = await DpwaCommand.RunAsync(_folder.Location, "simulate", "--problem", "quadratic", "--lr", "1e6", "--set", "interpolation=loss");

        Assert.Equal(1, dpwa.ExitCode);
        Assert.Contains("smaller learning rate", dpwa.ErrorText);
        Assert.DoesNotContain("Exception", dpwa.ErrorText);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_plot_that_cannot_be_written_ends_with_1()
    {
        await using var dpwa = await DpwaCommand.RunAsync(_folder.Location, "simulate", "--nodes", "2", "--rounds", "1", "--plot", "no/such/folder/a.png");

        Assert.Equal(1, dpwa.ExitCode);
        Assert.Contains("a.png cannot be written", dpwa.ErrorText);
    }

    private async Task<JsonElement> JsonOfAsync(params string[] arguments)
    {
        await using var dpwa = await DpwaCommand.RunAsync(_folder.Location, ["simulate", .. arguments, "--json"]);
        Assert.True(dpwa.ExitCode == 0, $"{dpwa.ExitCode}: {dpwa.ErrorText}");
        return JsonDocument.Parse(dpwa.OutputText).RootElement;
    }
}
