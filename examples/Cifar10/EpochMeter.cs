using System.Diagnostics;

namespace Dpwa.Examples.Cifar10;

/// <summary>Counts through one epoch.</summary>
/// <param name="shown">Called after each batch.</param>
internal sealed class EpochMeter(Action<EpochMeter> shown)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private double _lossSum;

    /// <summary>Batches trained.</summary>
    public int Batches { get; private set; }

    /// <summary>The mean loss of the batches.</summary>
    public double Loss => Batches == 0 ? 0 : _lossSum / Batches;

    /// <summary>Exchanges that were mixed in.</summary>
    public int Averaged { get; private set; }

    /// <summary>Exchanges that were tried and brought nothing.</summary>
    public int Failed { get; private set; }

    /// <summary>The time since the epoch began.</summary>
    public double Seconds => Stopwatch.GetElapsedTime(_start).TotalSeconds;

    /// <summary>Counts a batch.</summary>
    public void Batch(double loss, UpdateResult? exchange)
    {
        Batches++;
        _lossSum += loss;
        if (exchange?.Outcome == UpdateOutcome.Averaged)
            Averaged++;
        else if (exchange is not null and not { Outcome: UpdateOutcome.NotFetching or UpdateOutcome.Late })
            Failed++;
        shown(this);
    }
}
