using BenchmarkDotNet.Attributes;

namespace Dpwa.Benchmarks;

/// <summary>The layout of a model of sixty tensors. It is made once; every message after that only compares its fingerprint.</summary>
public class LayoutBenchmarks
{
    private readonly ParameterLayout _layout = Model.LayoutOf(4 << 20);
    private readonly ParameterLayout _same = Model.LayoutOf(4 << 20);

    [Benchmark(Baseline = true)]
    public byte[] Encode() => _layout.Encode();

    [Benchmark]
    public ulong Fingerprint_of_a_new_layout() => new ParameterLayout(_layout.Tensors).Fingerprint;

    [Benchmark]
    public bool Compare() => _layout.Equals(_same);
}
