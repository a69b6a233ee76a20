using BenchmarkDotNet.Attributes;
using Dpwa.Averaging;
using Dpwa.Snapshots;

namespace Dpwa.Benchmarks;

/// <summary>Publishing a model of 16 MB: a copy that also checks that every value is finite, against the same copy alone.</summary>
public class PublishBenchmarks
{
    private Model _model = null!;
    private Snapshot _snapshot = null!;

    [GlobalSetup]
    public void Setup()
    {
        _model = new Model(4 << 20);
        _snapshot = new Snapshot(_model.Layout);
    }

    [Benchmark(Baseline = true)]
    public void Plain_copy()
    {
        for (int i = 0; i < _model.Layout.Tensors.Length; i++)
            _model.Segment(i).CopyTo(_snapshot.Segment(0).Span[(int)_model.Layout.Offset(i)..]);
    }

    [Benchmark]
    public bool Publish() => ModelUpdate.Publish(_model, _snapshot);
}
