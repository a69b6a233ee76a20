using System.Text.Json.Serialization;

namespace Dpwa.Examples.Demo;

/// <summary>What <c>--json</c> prints.</summary>
internal sealed record DemoResult(IReadOnlyList<WorkerSummary> Workers, double Seconds);

/// <summary>One worker's result: accuracies in [0, 1], of the run with and of the run without exchanges.</summary>
internal sealed record WorkerSummary(string Name, int Exchanges, int Failed, double Clock, double Accuracy, double AloneAccuracy);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DemoResult))]
internal sealed partial class DemoJson : JsonSerializerContext;
