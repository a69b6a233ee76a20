using System.Diagnostics;
using System.Text.Json;
using Dpwa.Cli.Tests.Support;

namespace Dpwa.Cli.Tests.EndToEnd;

/// <summary>How a run is seen from outside while it goes.</summary>
public sealed class StatusAndTopTests : IDisposable
{
    private const string Config = "dpwa-logs/dpwa.yaml";
    private const string Enter = "\e[?1049h", Leave = "\e[?1049l";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Status_top_and_check_see_the_workers_of_a_run()
    {
        TestLimits.NeedsLinux();
        await using var run = DpwaCommand.Start(_folder.Location, "run", "--workers", "2", "--grace", "100", "--", "dotnet", Cluster.Program);
        await run.Output.FirstAsync(line => line.Contains("Averaged w1"));
        await run.Output.FirstAsync(line => line.Contains("Averaged w2"));

        await using var status = await DpwaCommand.RunAsync(_folder.Location, "status", Config, "--timeout", "60", "--json");
        Assert.Equal(0, status.ExitCode);
        var view = JsonDocument.Parse(status.OutputText).RootElement;
        Assert.Equal(2, view.GetProperty("running").GetInt32());
        Assert.All(view.GetProperty("nodes").EnumerateArray(), node =>
        {
            Assert.Equal("running", node.GetProperty("state").GetString());
            Assert.NotEqual(0, node.GetProperty("exchanges").GetInt64());
            Assert.NotEqual(0, node.GetProperty("bytesIn").GetInt64());
            Assert.InRange(node.GetProperty("score").GetDouble(), 10, 1000);
        });
        Assert.True(view.GetProperty("consensusDistance").GetDouble() >= 0);

        await using var table = await DpwaCommand.RunAsync(_folder.Location, "status", Config, "--timeout", "60");
        Assert.StartsWith("node", table.Output.All[0]);
        Assert.Contains(table.Output.All, line => line.StartsWith("w1    running", StringComparison.Ordinal));
        Assert.StartsWith("2 of 2 nodes run; models are ", table.Output.All[^1]);

        await using var top = await DpwaCommand.RunAsync(_folder.Location, "top", Config, "--interval", "0.1", "--rounds", "3", "--timeout", "60", "--json");
        Assert.Equal((0, 3), (top.ExitCode, top.Output.All.Count));
        long[] steps = [.. top.Output.All.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("nodes")[0].GetProperty("step").GetInt64())];
        Assert.Equal(steps.Order(), steps);

        await using var lines = await DpwaCommand.RunAsync(_folder.Location, "top", Config, "--interval", "0.1", "--rounds", "2", "--timeout", "60");
        Assert.Equal(2, lines.Output.All.Count(line => line.StartsWith("2 of 2 nodes run", StringComparison.Ordinal)));
        Assert.DoesNotContain('\e', lines.OutputText);

        await using var check = await DpwaCommand.RunAsync(_folder.Location, "check", Config, "--timeout", "60", "--json");
        var report = JsonDocument.Parse(check.OutputText).RootElement;
        Assert.Equal([("w1", "w2"), ("w2", "w1")], report.GetProperty("links").EnumerateArray().Select(link => (link.GetProperty("from").GetString()!, link.GetProperty("to").GetString()!)));
        Assert.Equal(1, report.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("version").GetString()).Distinct().Count(version => version is not null));

        var screen = await OnTerminalAsync("top", Config, "--interval", "0.1", "--rounds", "3", "--timeout", "60");
        Assert.Contains("2 of 2 run", screen[screen.IndexOf(Enter, StringComparison.Ordinal)..screen.IndexOf(Leave, StringComparison.Ordinal)]);
        Assert.Contains("\e[?25h", screen[screen.LastIndexOf("\e[?25l", StringComparison.Ordinal)..]);

        await run.SignalAsync("INT");
        Assert.Equal(0, await run.ExitCodeAsync());
        await using var late = await DpwaCommand.RunAsync(_folder.Location, "status", Config);
        Assert.Equal(1, late.ExitCode);
        Assert.Contains("nothing listens there", late.OutputText);
    }

    /// <summary>All that it writes to a terminal of its own.</summary>
    private async Task<string> OnTerminalAsync(params string[] arguments)
    {
        var command = $"stty cols 100 rows 20; exec dotnet {Path.Combine(AppContext.BaseDirectory, "Dpwa.Cli.dll")} {string.Join(' ', arguments)}";
        var what = new ProcessStartInfo("script", ["--quiet", "--return", "--command", command, "/dev/null"]) { WorkingDirectory = _folder.Location, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardInput = true };
        what.Environment["TERM"] = "xterm-256color";
        using var script = Process.Start(what)!;
        var text = await script.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await script.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, script.ExitCode);
        return text;
    }
}
