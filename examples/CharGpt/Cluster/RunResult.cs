using System.Text.Json.Serialization;
using Dpwa.Examples.CharGpt.Training;

namespace Dpwa.Examples.CharGpt.Cluster;

/// <summary>What <c>--json</c> prints.</summary>
/// <param name="Text">What was trained on.</param>
/// <param name="Method">How the workers exchanged.</param>
/// <param name="ExchangeEvery">At every how many steps.</param>
/// <param name="Parameters">The numbers of the model.</param>
/// <param name="Workers">Each worker of the cluster.</param>
/// <param name="MeanValidationLoss">The validation loss of the mean of all their models, nats a character.</param>
/// <param name="Alone">The first worker once more, without exchanges.</param>
/// <param name="Seconds">How long all took.</param>
/// <param name="Sample">What the mean of all models wrote; null when it was not asked to.</param>
internal sealed record RunResult(
    string Text, string Method, int ExchangeEvery, long Parameters, IReadOnlyList<WorkerSummary> Workers, double MeanValidationLoss, WorkerSummary Alone, double Seconds,
    string? Sample);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunResult))]
[JsonSerializable(typeof(WorkerSummary))]
internal sealed partial class ResultJson : JsonSerializerContext;
