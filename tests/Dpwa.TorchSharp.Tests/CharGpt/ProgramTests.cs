using System.Diagnostics;
using System.Text.Json;
using Dpwa.TorchSharp.Tests.Vision;

namespace Dpwa.TorchSharp.Tests.CharGpt;

/// <summary>The program as its user starts it, with a model and a text that take no time.</summary>
[Collection(nameof(VisionCollection))]
public sealed class ProgramTests : IDisposable
{
    private const int TimeLimit = 180_000;
    private static readonly string[] Tiny = ["--layers", "1", "--heads", "1", "--embed", "8", "--context", "8", "--batch-size", "2", "--steps", "6"];
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory(Timeout = TimeLimit)]
    [InlineData("dpwa", 1)]
    [InlineData("noloco", 2)]
    public async Task Workers_train_together_and_one_alone(string method, int every)
    {
        _directory.Write("text.txt", [.. Enumerable.Repeat("gossip!\n"u8.ToArray(), 100).SelectMany(line => line)]);
        (int code, string output, string errors) = await RunAsync(
            [.. Tiny, "--workers", "2", "--method", method, "--exchange-every", $"{every}", "--data", _directory.File("text.txt"), "--sample", "10", "--json"]);
        Assert.True(code == 0, errors);
        JsonElement result = JsonDocument.Parse(output).RootElement;
        long bytes = sizeof(float) * result.GetProperty("parameters").GetInt64();
        Assert.Equal((method, every, 10), (Text(result, "method"), result.GetProperty("exchange_every").GetInt32(), Text(result, "sample").Length));
        Assert.Equal(["w1", "w2"], result.GetProperty("workers").EnumerateArray().Select(w => Text(w, "name")));
        foreach (JsonElement worker in result.GetProperty("workers").EnumerateArray())
        {
            // How often the other was there at all is up to the system.
            long exchanges = worker.GetProperty("exchanges").GetInt64();
            Assert.Equal(6 / every, exchanges + worker.GetProperty("failed").GetInt64());
            Assert.InRange(worker.GetProperty("bytes_received").GetInt64(), bytes * exchanges, long.MaxValue);
            AssertLoss(worker, "validation_loss");
        }

        AssertLoss(result, "mean_validation_loss");
        Assert.Equal(0, result.GetProperty("alone").GetProperty("exchanges").GetInt64());
        AssertLoss(result.GetProperty("alone"), "validation_loss");
    }

    [Theory(Timeout = TimeLimit)]
    [InlineData("--embed must be a multiple", "--embed", "10", "--heads", "4")]
    [InlineData("DPWA_CONFIG", "--name", "w1")]
    [InlineData("--workers is for a cluster", "--name", "w1", "--config", "some.yaml", "--workers", "3")]
    [InlineData("too short for a context", "--context", "1000000")]
    [InlineData("noloco", "--method", "unknown")]
    public async Task What_cannot_be_used_is_said_in_words(string words, params string[] arguments)
    {
        (int code, string output, string errors) = await RunAsync(arguments);
        Assert.Equal(2, code);
        Assert.Contains(words, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors + output, StringComparison.Ordinal);
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    /// <summary>Between certainty and a guess among the 7 characters, with room for what six steps can spoil.</summary>
    private static void AssertLoss(JsonElement of, string name) => Assert.InRange(of.GetProperty(name).GetDouble(), 0, Math.Log(7) + 0.2);

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "CharGpt.dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("DPWA_NAME");
        start.Environment.Remove("DPWA_CONFIG");
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
