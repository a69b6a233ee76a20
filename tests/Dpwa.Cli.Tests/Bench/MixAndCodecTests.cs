using System.Text.Json;
using Dpwa.Cli.Tests.Support;

namespace Dpwa.Cli.Tests.Bench;

public sealed class MixAndCodecTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Mixing_is_measured_for_each_element_type()
    {
        var answer = await BenchRun.MeasureAsync(_folder.Location, "mix", "--size", "100kB", "--threads", "2");

        Assert.Equal((100_000, 2), (answer.Number("bytes"), answer.Number("threads")));
        var results = answer.GetProperty("results").EnumerateArray().ToArray();
        Assert.Equal(["float32", "bfloat16", "float16"], results.Select(result => result.GetProperty("element_type").GetString()));
        foreach (var name in new[] { "memcpy_gb_per_s", "publish_gb_per_s", "blend_gb_per_s", "mix_gb_per_s", "mix_delta_gb_per_s" })
            Assert.All(results, result => Assert.True(double.IsFinite(result.Number(name)) && result.Number(name) > 0, $"{name}: {result}"));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Codecs_are_told_apart_by_what_they_save_and_what_they_lose()
    {
        var answer = await BenchRun.MeasureAsync(_folder.Location, "codec", "--size", "400kB");

        var results = answer.GetProperty("results").EnumerateArray().ToDictionary(result => result.GetProperty("codec").GetString()!);
        Assert.Equal((100_000, 4), (answer.Number("values"), results.Count));
        Assert.Equal((400_000, 200_000, 200_000), (results["float32"].Number("encoded_bytes"), results["bfloat16"].Number("encoded_bytes"), results["float16"].Number("encoded_bytes")));
        Assert.InRange(results["int8"].Number("encoded_bytes"), 100_000, 110_000);
        Assert.Equal(0, results["float32"].Number("mean_squared_error"));

        // Rounding to 8 bits of mantissa, 11 bits, and to 1/127 of the largest of a block. The values' own variance is 1.
        Assert.InRange(results["bfloat16"].Number("mean_squared_error"), 1e-6, 1e-5);
        Assert.InRange(results["float16"].Number("mean_squared_error"), 1e-8, 1e-7);
        Assert.InRange(results["int8"].Number("mean_squared_error"), 1e-5, 1e-4);
        Assert.All(results.Values, result => Assert.True(result.Number("encode_gb_per_s") > 0 && result.Number("decode_gb_per_s") > 0, $"{result}"));
    }

    [Theory(Timeout = TestLimits.Milliseconds)]
    [InlineData("mix", "bfloat16")]
    [InlineData("codec", "int8")]
    public async Task Tables_have_a_row_for_each(string command, string row)
    {
        await using var dpwa = await DpwaCommand.RunAsync(_folder.Location, "bench", command, "--size", "100kB");

        Assert.Equal(0, dpwa.ExitCode);
        Assert.Contains(dpwa.Output.All, line => line.StartsWith($"| {row} ", StringComparison.Ordinal));
    }
}
