using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dpwa.Launch.Bench.Exchange;

/// <summary>What a worker's process is told.</summary>
/// <param name="Settings">What to measure.</param>
/// <param name="Config">The configuration.</param>
/// <param name="ReportDirectory">Where to leave the results, as <c>NAME.json</c>.</param>
/// <param name="Relays">The ports of this machine through which to reach others, by their names.</param>
internal sealed record ExchangeJob(ExchangeSettings Settings, string Config, string ReportDirectory, IReadOnlyDictionary<string, int> Relays)
{
    public static ExchangeJob Parse(string text) => JsonSerializer.Deserialize(text, BenchJson.Default.ExchangeJob) ?? throw new FormatException("This is no job.");

    public override string ToString() => JsonSerializer.Serialize(this, BenchJson.Default.ExchangeJob);

    /// <summary>The options of the worker of this name: the others are where it can reach them.</summary>
    public DpwaOptions OptionsOf(string name)
    {
        var options = Settings.PutInto(DpwaOptions.Load(Config));
        return options with
        {
            Nodes = [.. options.Nodes.Select(node => node.Name != name && Relays.TryGetValue(node.Name, out var port) ? node with { Host = "127.0.0.1", Port = port } : node)],
        };
    }
}

[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ExchangeJob))]
[JsonSerializable(typeof(WorkerMeasures))]
internal sealed partial class BenchJson : JsonSerializerContext;
