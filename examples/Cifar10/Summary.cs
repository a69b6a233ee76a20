using System.Text.Json;
using System.Text.Json.Serialization;
using Dpwa.Examples.Vision.Training;

namespace Dpwa.Examples.Cifar10;

/// <summary>What one epoch came to.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="Loss">The mean loss of its batches.</param>
/// <param name="TestAccuracy">In [0, 1], after it.</param>
/// <param name="Seconds">How long it trained; testing is not counted.</param>
internal sealed record EpochResult(int Epoch, double Loss, double TestAccuracy, double Seconds)
{
    public override string ToString() => $"epoch {Epoch}: loss {Loss:F3}, test accuracy {TestAccuracy:P1}, {Seconds:F1} s";
}

/// <summary>What the training came to.</summary>
internal sealed class Summary(string name, CheckpointInfo? resumed)
{
    private readonly List<EpochResult> _epochs = [];

    public string Name => name;

    public IReadOnlyList<EpochResult> Epochs => _epochs;

    /// <summary>Exchanges that were mixed in.</summary>
    public int Exchanges { get; private set; }

    /// <summary>Exchanges that were tried and brought nothing.</summary>
    public int Failed { get; private set; }

    /// <summary>The worker's clock at the end; 0 when it trained alone.</summary>
    public double Clock { get; set; }

    /// <summary>The epoch to begin with, from 1.</summary>
    [JsonIgnore]
    public int FirstEpoch => (resumed?.Epoch ?? 0) + 1;

    /// <summary>The best test accuracy so far, that of the checkpoint included.</summary>
    [JsonIgnore]
    public double Best { get; private set; } = resumed?.Accuracy ?? double.NegativeInfinity;

    /// <summary>Counts the exchanges of an epoch, a broken-off one too.</summary>
    public void Count(EpochMeter meter)
    {
        Exchanges += meter.Averaged;
        Failed += meter.Failed;
    }

    /// <summary>Adds an epoch, and says whether it was the best.</summary>
    public bool Add(EpochResult epoch)
    {
        _epochs.Add(epoch);
        bool best = epoch.TestAccuracy > Best;
        Best = Math.Max(Best, epoch.TestAccuracy);
        return best;
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
}
