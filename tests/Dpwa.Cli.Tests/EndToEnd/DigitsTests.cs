using System.Globalization;
using System.Net;
using System.Text.Json;
using Dpwa.Cli.Tests.Support;
using Dpwa.Launch.Hosts;

namespace Dpwa.Cli.Tests.EndToEnd;

/// <summary>The example that learns digits, as its user runs it: a preset of <c>method</c>, four processes, real sockets. Times are not looked at.</summary>
public sealed class DigitsTests : IDisposable
{
    private const int Workers = 4;
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Digits.dll");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory(Timeout = TestLimits.Milliseconds)]
    [InlineData("dpwa")]
    [InlineData("gosgd")]
    [InlineData("ad-psgd")]
    public async Task Workers_that_see_two_or_three_of_the_digits_learn_all_ten_from_each_other(string method)
    {
        TestLimits.NeedsLinux();

        JsonElement[] results = await RunAsync($"method: {method}");

        Assert.All(results, result =>
        {
            // Each has pieces of at most four digits, and so tells alone at most 40 % right.
            Assert.InRange(result.GetProperty("labels").GetInt32(), 1, 4);
            Assert.InRange(result.GetProperty("test_accuracy").GetDouble(), 0.7, 1);
            Assert.NotEqual(0, result.GetProperty("averaged").GetInt32());
            Assert.NotEqual(0, result.GetProperty("bytes_received").GetInt64());
        });
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Without_exchanges_none_learns_more_than_its_own_digits()
    {
        TestLimits.NeedsLinux();

        JsonElement[] results = await RunAsync("fetch_probability: 0");

        Assert.All(results, result =>
        {
            Assert.InRange(result.GetProperty("test_accuracy").GetDouble(), 0.05, 0.45);
            Assert.Equal((0, 0, 0), (result.GetProperty("averaged").GetInt32(), result.GetProperty("without").GetInt32(), result.GetProperty("bytes_received").GetInt64()));
        });
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Alone_with_all_of_the_real_digits_it_learns_them()
    {
        var result = await OneAsync("--data", RealDigits(), "--steps", "1000", "--pause", "0", "--json", "--save", _folder["net"]);

        Assert.Equal(10, result.GetProperty("labels").GetInt32());
        Assert.InRange(result.GetProperty("test_accuracy").GetDouble(), 0.9, 1);
        Assert.Equal(64 * 32 + 32 + 32 * 10 + 10, File.ReadLines(_folder["net"]).Count(line => float.IsFinite(float.Parse(line, CultureInfo.InvariantCulture))));
    }

    [Theory(Timeout = TestLimits.Milliseconds)]
    [InlineData("--steps must be at least 1", "--steps", "0")]
    [InlineData("--lr must be above 0", "--lr", "NaN")]
    [InlineData("some.csv(2): a line is 64 numbers", "--data", "some.csv")]
    [InlineData("Cannot read none.csv", "--data", "none.csv")]
    [InlineData("none.yaml", "--name", "w1", "--config", "none.yaml")]
    public async Task What_cannot_be_used_is_said_in_words(string words, params string[] arguments)
    {
        _folder.Write("some.csv", "p1,p2,digit\n1,2,3\n");

        await using var command = DpwaCommand.StartProgram(Program, _folder.Location, arguments);

        Assert.Equal(2, await command.ExitCodeAsync());
        Assert.Contains(words, command.ErrorText, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", command.ErrorText, StringComparison.Ordinal);
    }

    private async Task<JsonElement[]> RunAsync(string setting)
    {
        var port = FreePorts.FindRange(IPAddress.Loopback, Workers, new Random());
        var nodes = Enumerable.Range(0, Workers).Select(i => $"  - {{name: w{i + 1}, host: 127.0.0.1, port: {port + i}}}\n");
        var config = _folder.Write("dpwa.yaml", $"nodes:\n{string.Concat(nodes)}{setting}\ntransport: tcp\nseed: 1\ntimeout_ms: {Cluster.NoTimeout}\n");

        // A pause that makes the run last a few seconds: a worker that a busy machine starts late still finds the others.
        await using var run = await DpwaCommand.RunAsync(_folder.Location, "run", "--config", config, "--", "dotnet", Program, "--non-iid", "--steps", "600", "--pause", "5", "--json");

        Assert.True(run.ExitCode == 0, run.OutputText + run.ErrorText);
        return [.. Enumerable.Range(1, Workers).Select(i => Parse(File.ReadLines(_folder[$"dpwa-logs/w{i}.log"])))];
    }

    private async Task<JsonElement> OneAsync(params string[] arguments)
    {
        await using var command = DpwaCommand.StartProgram(Program, _folder.Location, arguments);
        Assert.True(await command.ExitCodeAsync() == 0, command.ErrorText);
        return Parse(command.Output.All);
    }

    private static JsonElement Parse(IEnumerable<string> lines) => JsonDocument.Parse(lines.Single(line => line.StartsWith('{'))).RootElement;

    private static string RealDigits()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (at.GetFiles("Dpwa.slnx").Length == 0) continue;
            var path = Path.Combine(at.FullName, "..", "shared", "data", "digits", "digits.csv");
            Assert.SkipUnless(File.Exists(path), "The data is not here.");
            return path;
        }

        Assert.Skip("The repository is not here.");
        return "";
    }
}
