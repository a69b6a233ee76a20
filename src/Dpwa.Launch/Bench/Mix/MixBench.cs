using System.Diagnostics;
using Dpwa.Launch.Bench.Memory;

namespace Dpwa.Launch.Bench.Mix;

/// <summary>Measures copying, publishing, blending and mixing in turn, so that noise hits all alike.</summary>
public static class MixBench
{
    private const int Tensors = 60;
    private const long SmallBytes = 64 * 1024;
    private const long BytesEach = 1_500_000_000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(700);
    private static readonly ElementType[] Types = [ElementType.Float32, ElementType.BFloat16, ElementType.Float16];

    /// <summary>Does it.</summary>
    /// <param name="bytes">The model's size.</param>
    /// <param name="threads">How many threads do it at once.</param>
    /// <param name="ct">Ends it before its time.</param>
    /// <exception cref="LaunchException">The model is too small.</exception>
    public static MixReport Run(long bytes, int threads, CancellationToken ct = default) =>
        new(bytes, threads, [.. Types.Select(type => Measure(bytes, threads, type, ct))]);

    private static MixRates Measure(long bytes, int threads, ElementType type, CancellationToken ct)
    {
        var layout = ModelShape.ResNetLike(bytes, Tensors, type);
        Compile(type);
        var rounds = (int)Math.Clamp(BytesEach / bytes, 7, 100);
        var medians = new double[threads][];
        using var together = new Barrier(threads);
        Thread[] all = [.. Enumerable.Range(0, threads).Select(index => new Thread(() => medians[index] = Lane(layout, rounds, together, ct)))];
        foreach (var thread in all) thread.Start();
        foreach (var thread in all) thread.Join();
        ct.ThrowIfCancellationRequested();
        return new(Words.Of(type), Sum(0), Sum(1), Math.Max(Sum(2), Sum(3)), Sum(4), Sum(5));

        double Sum(int kind) => medians.Sum(lane => lane[kind]);
    }

    private static double[] Lane(ParameterLayout layout, int rounds, Barrier together, CancellationToken ct)
    {
        using var lane = new MixLane(layout);
        try
        {
            // The first round finds cold memory.
            for (var round = -1; round < rounds; round++)
            {
                for (var kind = 0; kind < lane.Kinds.Count; kind++)
                {
                    together.SignalAndWait(ct);
                    lane.Measure(kind);
                    if (round < 0) lane.Rates[kind].Clear();
                }
            }
        }
        catch (OperationCanceledException)
        {
            return [];
        }

        return [.. lane.Rates.Select(Spread.MedianOf)];
    }

    // Until the runtime has made fast code of it.
    private static void Compile(ElementType type)
    {
        using var lane = new MixLane(ModelShape.ResNetLike(SmallBytes, Tensors, type));
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < WarmUp;)
        {
            foreach (var (_, act) in lane.Kinds) act();
        }
    }
}
