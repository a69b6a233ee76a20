using System.Globalization;
using System.Net;
using System.Text.Json;
using Dpwa.Cli.Tests.Support;

namespace Dpwa.Cli.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory(Timeout = TestLimits.Milliseconds)]
    [InlineData("init")]
    [InlineData("check")]
    [InlineData("run")]
    [InlineData("stop")]
    [InlineData("status")]
    [InlineData("top")]
    [InlineData("bench")]
    [InlineData("bench exchange")]
    [InlineData("bench mix")]
    [InlineData("bench codec")]
    [InlineData("simulate")]
    [InlineData("cert")]
    [InlineData("dashboard")]
    [InlineData("")]
    public async Task The_help_of_every_command_is_as_it_was_and_ends_with_an_example(string name)
    {
        await using var dpwa = await DpwaCommand.RunAsync(_folder.Location, [.. name.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal(0, dpwa.ExitCode);
        Assert.Contains($"  dpwa {name}", dpwa.OutputText[dpwa.OutputText.IndexOf("Example:", StringComparison.Ordinal)..]);
        // As many as this machine has.
        Snapshot.Matches($"help {name}".Trim().Replace(' ', '-'), dpwa.OutputText.Replace($"one a core. [default: {Environment.ProcessorCount}]", "one a core. [default: CORES]"));
    }

    [Fact]
    public void Every_command_that_a_help_lists_has_a_help_that_is_tested()
    {
        var files = Directory.GetFiles(Snapshot.Folder, "help*.txt");
        var listed =
            from file in files
            from line in File.ReadLines(file).SkipWhile(line => line != "Commands:").Skip(1).TakeWhile(line => line.Length > 0)
            where line.StartsWith("  ", StringComparison.Ordinal) && line[2] != ' '
            select $"{Path.GetFileNameWithoutExtension(file)}-{line.Trim().Split(' ')[0]}";

        Assert.Equal(listed.Append("help").Order(StringComparer.Ordinal), files.Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));
    }

    [Theory(Timeout = TestLimits.Milliseconds)]
    [InlineData("nonsense")]
    [InlineData("init", "--nonsense")]
    [InlineData("check", "--nonsense")]
    [InlineData("init", "--workers", "0")]
    [InlineData("init", "--workers", "many")]
    [InlineData("init", "--workers", "2147483647")]
    [InlineData("run")]
    [InlineData("run", "--worker", "2", "--", "sh")]
    [InlineData("run", "sh")]
    [InlineData("run", "--", "no-such-program")]
    [InlineData("run", "--", "sh")]
    [InlineData("run", "--config", "no-such-file.yaml", "--", "sh")]
    [InlineData("run", "--workers", "20000", "--", "sh")]
    [InlineData("run", "--workers", "1", "--grace", "1e300", "--", "sh")]
    [InlineData("run", "--workers", "1", "--grace", "5e6", "--", "sh")]
    [InlineData("stop", "--grace", "1e300")]
    [InlineData("status", "no-such-file.yaml")]
    [InlineData("status", "--timeout", "0")]
    [InlineData("top", "no-such-file.yaml")]
    [InlineData("top", "--interval", "0.01")]
    [InlineData("top", "--rounds", "-1")]
    [InlineData("cert")]
    [InlineData("cert", "--nonsense")]
    [InlineData("cert", "certs", "--days", "0")]
    [InlineData("cert", "certs", "--cluster-key", "cluster.key")]
    [InlineData("cert", "certs", "--force")]
    [InlineData("cert", "certs", "--config", "no-such-file.yaml")]
    [InlineData("check", "no-such-file.yaml")]
    [InlineData("check", "--timeout", "1e10")]
    [InlineData("check", "--timeout", "NaN")]
    [InlineData("bench")]
    [InlineData("bench", "nonsense")]
    [InlineData("bench", "exchange", "--size", "45XB")]
    [InlineData("bench", "exchange", "--size", "100", "--tensors", "60")]
    [InlineData("bench", "exchange", "--workers", "1")]
    [InlineData("bench", "exchange", "--steps", "0")]
    [InlineData("bench", "exchange", "--train-ms", "-1")]
    [InlineData("bench", "exchange", "--transport", "pigeon")]
    [InlineData("bench", "exchange", "--transport", "pigeon", "--rate", "1Gbit")]
    [InlineData("bench", "exchange", "--transport", "shared_memory", "--codec", "int8")]
    [InlineData("bench", "exchange", "--codec", "int4")]
    [InlineData("bench", "exchange", "--rate", "fast")]
    [InlineData("bench", "exchange", "--rate", "1Gbit", "--transport", "shared_memory")]
    [InlineData("bench", "exchange", "--rate", "1Gbit", "--config", "dpwa.yaml")]
    [InlineData("bench", "exchange", "--name", "w1")]
    [InlineData("bench", "exchange", "--config", "no-such-file.yaml")]
    [InlineData("bench", "mix", "--threads", "0")]
    [InlineData("bench", "mix", "--size", "60")]
    [InlineData("bench", "codec", "--size", "0")]
    [InlineData("bench", "codec", "--size", "2GB")]
    public async Task A_mistake_is_told_in_words_and_ends_with_2(params string[] arguments)
    {
        await using var dpwa = await DpwaCommand.RunAsync(_folder.Location, arguments);

        Assert.Equal(2, dpwa.ExitCode);
        Assert.NotEmpty(dpwa.ErrorText);
        Assert.DoesNotContain("   at ", dpwa.ErrorText);
        Assert.DoesNotContain("Exception", dpwa.ErrorText);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task What_init_writes_check_finds_right()
    {
        await using var init = await DpwaCommand.RunAsync(_folder.Location, "init", "--workers", "3", "--port", $"{FreePort()}");
        await using var check = await DpwaCommand.RunAsync(_folder.Location, "check");

        Assert.Equal((0, 0), (init.ExitCode, check.ExitCode));
        Assert.Contains("dpwa.yaml is right: 3 nodes", check.OutputText);
        Assert.Equal(3, check.Output.All.Count(line => line.Contains("not running")));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Init_overwrites_only_when_forced()
    {
        _folder.Write("dpwa.yaml", "mine");

        await using var refused = await DpwaCommand.RunAsync(_folder.Location, "init");
        Assert.Equal((2, "mine"), (refused.ExitCode, File.ReadAllText(_folder["dpwa.yaml"])));

        await using var forced = await DpwaCommand.RunAsync(_folder.Location, "init", "--force", "--json");
        Assert.Equal(0, forced.ExitCode);
        Assert.Equal(Path.GetFullPath(_folder["dpwa.yaml"]), JsonDocument.Parse(forced.OutputText).RootElement.GetProperty("config").GetString());
        Assert.Contains("apply: delta", File.ReadAllText(_folder["dpwa.yaml"]));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Check_says_every_error_of_a_file_with_its_line()
    {
        _folder.Write("bad.yaml", "nodes:\n  - {name: w1, host: localhost, port: 99999}\nfetch_probabilty: 1\n");

        await using var check = await DpwaCommand.RunAsync(_folder.Location, "check", "bad.yaml");

        Assert.Equal(2, check.ExitCode);
        Assert.Contains(check.Error.All, line => line.StartsWith("bad.yaml:2:", StringComparison.Ordinal));
        Assert.Contains(check.Error.All, line => line.StartsWith("bad.yaml:3:", StringComparison.Ordinal));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Check_tells_running_nodes_from_strangers_from_those_that_are_down_and_from_unknown_hosts()
    {
        await using var node = new DpwaConnection("up", new DpwaOptions { Nodes = [new("up", "127.0.0.1", 0)] });
        node.UpdateSend([1, 2, 3], loss: 1);
        await using var web = new OneAnswer("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
        var port = ((IPEndPoint)node.ListenEndPoint).Port;
        _folder.Write("dpwa.yaml", $"nodes:\n  - {{name: up, host: 127.0.0.1, port: {port}}}\n  - {{name: web, host: 127.0.0.1, port: {web.EndPoint.Port}}}\n  - {{name: down, host: 127.0.0.1, port: {FreePort()}}}\n  - {{name: lost, host: no-such-host.invalid, port: 1}}\n");

        await using var check = await DpwaCommand.RunAsync(_folder.Location, "check", "--timeout", "60", "--json");

        var answer = JsonDocument.Parse(check.OutputText).RootElement;
        var nodes = answer.GetProperty("nodes").EnumerateArray().ToArray();
        Assert.Equal((1, false), (check.ExitCode, answer.GetProperty("ok").GetBoolean()));
        Assert.Equal(["running", "stranger", "notRunning", "unresolved"], nodes.Select(report => report.GetProperty("state").GetString()));
        Assert.Equal((1.0, 1), (nodes[0].GetProperty("clock").GetDouble(), nodes[0].GetProperty("round").GetInt32()));
        Assert.Equal(16, nodes[0].GetProperty("model").GetString()!.Length);
        Assert.Equal(JsonValueKind.Null, nodes[2].GetProperty("model").ValueKind);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task The_table_of_check_shows_how_far_a_running_node_is()
    {
        await using var node = new DpwaConnection("up", new DpwaOptions { Nodes = [new("up", "127.0.0.1", 0)] });
        _folder.Write("dpwa.yaml", $"nodes:\n  - {{name: up, host: 127.0.0.1, port: {((IPEndPoint)node.ListenEndPoint).Port}}}\n");

        await using var before = await DpwaCommand.RunAsync(_folder.Location, "check", "--running", "--timeout", "60");
        node.UpdateSend([1, 2, 3], loss: 1);
        node.UpdateSend([1, 2, 3], loss: 1);
        await using var after = await DpwaCommand.RunAsync(_folder.Location, "check", "--running", "--timeout", "60");

        Assert.Equal((0, 0), (before.ExitCode, after.ExitCode));
        Assert.Matches(@"\| up .*\| running +\| 0 +\| 0 +\| none yet +\|", before.OutputText);
        Assert.Matches(@"\| up .*\| running +\| 2 +\| 2 +\| [0-9a-f]{16} +\|", after.OutputText);
    }

    [Theory(Timeout = TestLimits.Milliseconds)]
    [InlineData(8, "hypercube", "", "topology hypercube: spectral gap 1 (8 nodes agree exactly after 3 rounds)")]
    [InlineData(12, "ring", "", "topology ring: spectral gap 0.13: disagreement halves in about 4.8 rounds")]
    [InlineData(4, "random", "constant: {value: 0}", "topology random: spectral gap 0: the nodes never come to agree")]
    [InlineData(1, "random", "", null)]
    public async Task Check_says_how_fast_nodes_come_to_agree(int nodes, string topology, string more, string? line)
    {
        var list = string.Join(", ", Enumerable.Range(1, nodes).Select(i => $"{{name: w{i}, host: 127.0.0.1, port: {i}}}"));
        _folder.Write("dpwa.yaml", $"nodes: [{list}]\ntopology: {topology}\n{more}\n");

        await using var check = await DpwaCommand.RunAsync(_folder.Location, "check");
        await using var json = await DpwaCommand.RunAsync(_folder.Location, "check", "--json");

        var answer = JsonDocument.Parse(json.OutputText).RootElement;
        Assert.Equal(topology, answer.GetProperty("topology").GetString());
        if (line is null)
        {
            Assert.DoesNotContain("spectral gap", check.OutputText);
            Assert.Equal(JsonValueKind.Null, answer.GetProperty("mixing").ValueKind);
            return;
        }

        Assert.Contains(line, check.Output.All);
        var gap = answer.GetProperty("mixing").GetProperty("spectralGap").GetDouble();
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"spectral gap {gap:G2}"), line);
        Assert.Equal(line.Contains("exactly after 3") ? "3" : "null", answer.GetProperty("mixing").GetProperty("exactAfter").GetRawText());
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Check_can_insist_that_every_node_runs()
    {
        await using var init = await DpwaCommand.RunAsync(_folder.Location, "init", "--workers", "1", "--port", $"{FreePort()}");
        await using var check = await DpwaCommand.RunAsync(_folder.Location, "check", "--running");

        Assert.Equal(1, check.ExitCode);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_method_that_only_the_users_program_has_can_be_admitted_by_name()
    {
        _folder.Write("dpwa.yaml", $"nodes:\n  - {{name: w1, host: 127.0.0.1, port: {FreePort()}}}\ninterpolation: mine\n");

        await using var refused = await DpwaCommand.RunAsync(_folder.Location, "check");
        await using var admitted = await DpwaCommand.RunAsync(_folder.Location, "check", "--custom", "mine");

        Assert.Equal((2, 0), (refused.ExitCode, admitted.ExitCode));
    }

    private static int FreePort() => Dpwa.Launch.Hosts.FreePorts.FindRange(IPAddress.Loopback, 3, new Random());
}
