using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Dpwa.Launch.Bench.Exchange;

/// <summary>A training step that learns nothing.</summary>
internal sealed class Training : IDisposable
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromMilliseconds(20);

    private readonly ManualResetEvent _never = new(initialState: false);
    private readonly TimeSpan _sleep;
    private readonly long _rounds;
    private float _sink;

    public Training(TrainKind kind, double milliseconds)
    {
        if (kind is TrainKind.Sleep) _sleep = TimeSpan.FromMilliseconds(milliseconds);
        else if (milliseconds > 0) _rounds = Math.Max(1, (long)(milliseconds * RoundsInOneMillisecond()));
    }

    public bool IsNothing => _rounds == 0 && _sleep == TimeSpan.Zero;

    public void Run()
    {
        if (_rounds > 0) _sink = Work(_rounds);
        else if (_sleep > TimeSpan.Zero) _never.WaitOne(_sleep);
    }

    public void Dispose() => _never.Dispose();

    // The best of several: what others take of the CPU meanwhile must not make a training step shorter.
    private double RoundsInOneMillisecond()
    {
        var rounds = 1L << 16;
        while (Time(rounds) < LongEnough) rounds *= 2;
        return rounds / Enumerable.Range(0, 5).Select(_ => Time(rounds)).Min().TotalMilliseconds;
    }

    private TimeSpan Time(long rounds)
    {
        var start = Stopwatch.GetTimestamp();
        _sink = Work(rounds);
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Arithmetic within registers: it needs the CPU alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Work(long rounds)
    {
        var (factor, term) = (new Vector<float>(0.999f), new Vector<float>(0.001f));
        Vector<float> a = Vector<float>.Zero, b = Vector<float>.One, c = a, d = b;
        for (var i = 0L; i < rounds; i++)
        {
            a = (a * factor) + term;
            b = (b * factor) + term;
            c = (c * factor) - term;
            d = (d * factor) - term;
        }

        return Vector.Sum(a + b + c + d);
    }
}
