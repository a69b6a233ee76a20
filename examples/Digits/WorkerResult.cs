using System.Text.Json.Serialization;

namespace Dpwa.Examples.Digits;

/// <summary>What one worker's training came to.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Images">How many it had to train on.</param>
/// <param name="Labels">How many of the digits are among them.</param>
/// <param name="Steps">Batches trained.</param>
/// <param name="TrainLoss">The moving average of the batches' losses, nats.</param>
/// <param name="TestAccuracy">The share of the test's images that it tells right at the end.</param>
/// <param name="Averaged">Steps in which a peer's parameters were mixed in, whoever began the exchange.</param>
/// <param name="Without">Steps that were to exchange and had nobody to do it with, as when the others have left, or got nothing.</param>
/// <param name="Failed">Attempts on a peer that failed, those before it had started too.</param>
/// <param name="BytesReceived">Payload bytes taken from peers.</param>
internal sealed record WorkerResult(
    string Name, int Images, int Labels, int Steps, double TrainLoss, double TestAccuracy, int Averaged, int Without, long Failed, long BytesReceived)
{
    public override string ToString() => FormattableString.Invariant(
        $"{Name}: {TestAccuracy:P1} of the test right, after {Steps} steps on {Images} images of {Labels} digits; averaged in {Averaged} steps, {Failed} attempts failed, {BytesReceived / 1e6:F1} MB received");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WorkerResult))]
internal sealed partial class ResultJson : JsonSerializerContext;
