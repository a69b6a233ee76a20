using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Dpwa.Averaging;

namespace Dpwa.Benchmarks;

/// <summary>Mixing models of 4 Mi elements: both forms, each element type, against the base class library's own vectorised interpolation.</summary>
public class MixBenchmarks
{
    private const int Elements = 4 << 20;
    private const double Factor = 0.25;

    private Model _mine = null!, _peer = null!, _own = null!;

    [GlobalSetup]
    public void Setup() => Use(ElementType.Float32);

    [GlobalSetup(Target = nameof(Parameters_float16))]
    public void SetupHalf() => Use(ElementType.Float16);

    [GlobalSetup(Target = nameof(Parameters_bfloat16))]
    public void SetupBFloat16() => Use(ElementType.BFloat16);

    [Benchmark(Baseline = true)]
    public void Plain_blend()
    {
        Span<float> mine = MemoryMarshal.Cast<byte, float>(_mine.Payload.Segment(0).Span);
        TensorPrimitives.Lerp(mine, MemoryMarshal.Cast<byte, float>(_peer.Payload.Segment(0).Span), (float)Factor, mine);
    }

    [Benchmark]
    public void Parameters_float32() => ModelUpdate.Mix(_mine, _mine.Layout, _peer.Payload, own: null, Factor);

    [Benchmark]
    public void Delta_float32() => ModelUpdate.Mix(_mine, _mine.Layout, _peer.Payload, _own.Payload, Factor);

    [Benchmark]
    public void Parameters_float16() => ModelUpdate.Mix(_mine, _mine.Layout, _peer.Payload, own: null, Factor);

    [Benchmark]
    public void Parameters_bfloat16() => ModelUpdate.Mix(_mine, _mine.Layout, _peer.Payload, own: null, Factor);

    private void Use(ElementType type) => (_mine, _peer, _own) = (new(Elements, type), new(Elements, type), new(Elements, type));
}
