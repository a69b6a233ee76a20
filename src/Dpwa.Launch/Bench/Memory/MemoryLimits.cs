using System.Diagnostics;
using Dpwa.Averaging;

namespace Dpwa.Launch.Bench.Memory;

/// <summary>GB/s (10⁹ bytes, read and written both counted) of each round.</summary>
/// <param name="Copy">A plain copy: 2 bytes moved for each byte.</param>
/// <param name="Primitive">A blend by the numerics library: 3 bytes moved for each byte.</param>
/// <param name="Loop">A blend by a loop over vectors.</param>
/// <param name="Mix">Our own blend, over the model's tensors.</param>
internal sealed record MemoryRates(IReadOnlyList<double> Copy, IReadOnlyList<double> Primitive, IReadOnlyList<double> Loop, IReadOnlyList<double> Mix);

/// <summary>How fast memory is copied and blended, by plain code and by ours, in turn so that noise hits all alike.</summary>
internal static class MemoryLimits
{
    private const int Unmeasured = 2;
    private const long BytesEach = 1_000_000_000;
    private const long BytesTimed = 4_000_000;
    private const double Factor = 0.5;

    /// <summary>
    /// Milliseconds of a plain copy before, and a plain blend after, so much training: what a step's exchange takes at the least. The caches have been left to others and the CPU to
    /// idle meanwhile, so it is more than the same in a loop.
    /// </summary>
    public static IReadOnlyList<double> MeasureAround(Action training, ParameterLayout layout, int steps)
    {
        using var x = new NativeBlock(layout.PayloadLength, seed: 1);
        using var y = new NativeBlock(layout.PayloadLength, seed: 2);
        using var published = new NativeBlock(layout.PayloadLength, seed: 3);
        List<double> times = [];
        for (var step = -Unmeasured; step < steps; step++)
        {
            var time = Timed(() => PlainLoops.Copy(x, published));
            training();
            time += Timed(() => PlainLoops.BlendByLoop(x, y, (float)Factor));
            if (step >= 0) times.Add(time.TotalMilliseconds);
        }

        return times;

        static TimeSpan Timed(Action action)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            return Stopwatch.GetElapsedTime(start);
        }
    }

    /// <summary>Measures on two models of this layout.</summary>
    public static MemoryRates Measure(ParameterLayout layout)
    {
        using var model = new BenchModel(layout, seed: 1);
        // The same memory for all: what a cache still has of it must not favour one.
        var x = model.Memory;
        using var y = new NativeBlock(layout.PayloadLength, seed: 3);
        var bytes = layout.PayloadLength;
        var rounds = (int)Math.Clamp(BytesEach / bytes, 7, 100);
        // What is over within microseconds is repeated until a clock can see it.
        var repeats = (int)Math.Clamp(BytesTimed / bytes, 1, 10_000);
        List<double> copy = [], primitive = [], loop = [], mix = [];
        for (var round = -Unmeasured; round < rounds; round++)
        {
            Add(copy, 2, () => PlainLoops.Copy(y, x));
            Add(loop, 3, () => PlainLoops.BlendByLoop(x, y, (float)Factor));
            Add(mix, 3, () => ModelUpdate.Mix(model, layout, y, own: null, Factor));
            Add(primitive, 3, () => PlainLoops.BlendByPrimitive(x, y, (float)Factor));

            void Add(List<double> rates, int moved, Action action)
            {
                var start = Stopwatch.GetTimestamp();
                for (var i = 0; i < repeats; i++) action();
                var time = Stopwatch.GetElapsedTime(start);
                if (round >= 0) rates.Add(moved * bytes * repeats / time.TotalSeconds / 1e9);
            }
        }

        return new(copy, primitive, loop, mix);
    }
}
