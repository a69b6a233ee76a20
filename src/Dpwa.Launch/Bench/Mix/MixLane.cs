using System.Diagnostics;
using Dpwa.Averaging;
using Dpwa.Launch.Bench.Memory;
using Dpwa.Snapshots;

namespace Dpwa.Launch.Bench.Mix;

/// <summary>One thread's memory, and what it does to it.</summary>
internal sealed class MixLane : IDisposable
{
    private const long BytesTimed = 4_000_000;

    private readonly BenchModel _model;
    private readonly NativeBlock _x, _peer, _own;
    private readonly Snapshot _snapshot;
    private readonly int _repeats;

    public MixLane(ParameterLayout layout)
    {
        var (length, type) = (layout.PayloadLength, layout.Tensors[0].Type);
        _model = new(layout, seed: 1);
        (_x, _peer, _own, _snapshot) = (new(length, seed: 2), new(length, seed: 3, type), new(length, seed: 4, type), new(layout));
        // What is over within microseconds is repeated until a clock can see it.
        _repeats = (int)Math.Clamp(BytesTimed / length, 1, 10_000);
        Kinds =
        [
            (2, () => PlainLoops.Copy(_peer, _own)),
            (2, () => ModelUpdate.Publish(_model, _snapshot)),
            (3, () => PlainLoops.BlendByLoop(_x, _peer, 0.5f)),
            (3, () => PlainLoops.BlendByPrimitive(_x, _peer, 0.5f)),
            (3, () => ModelUpdate.Mix(_model, layout, _peer, own: null, 0.5)),
            (4, () => ModelUpdate.Mix(_model, layout, _peer, _own, 0.5)),
        ];
        Rates = [.. Kinds.Select(_ => new List<double>())];
    }

    /// <summary>What is measured: how often each byte of the model's size is moved, and what does it.</summary>
    public IReadOnlyList<(int Moved, Action Act)> Kinds { get; }

    /// <summary>GB/s of each kind and round.</summary>
    public IReadOnlyList<List<double>> Rates { get; }

    public void Measure(int kind)
    {
        var (moved, act) = Kinds[kind];
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < _repeats; i++) act();
        Rates[kind].Add(moved * _peer.Length * _repeats / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9);
    }

    public void Dispose()
    {
        foreach (var memory in new IDisposable[] { _model, _x, _peer, _own }) memory.Dispose();
    }
}
