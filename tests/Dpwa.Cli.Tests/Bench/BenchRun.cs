using System.Text.Json;
using Dpwa.Cli.Tests.Support;

namespace Dpwa.Cli.Tests.Bench;

/// <summary>A measurement that was run to its end, and its answer.</summary>
internal static class BenchRun
{
    public static async Task<JsonElement> MeasureAsync(string folder, params string[] arguments)
    {
        await using var dpwa = await DpwaCommand.RunAsync(folder, ["bench", .. arguments, "--json"]);
        Assert.True(dpwa.ExitCode == 0, $"{dpwa.ExitCode}: {dpwa.ErrorText}");
        return JsonDocument.Parse(dpwa.OutputText).RootElement;
    }

    public static double Number(this JsonElement answer, string name) => answer.GetProperty(name).GetDouble();
}
