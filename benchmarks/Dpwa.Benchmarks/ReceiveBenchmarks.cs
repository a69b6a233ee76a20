using System.IO.Hashing;
using BenchmarkDotNet.Attributes;
using Dpwa.Snapshots;

namespace Dpwa.Benchmarks;

/// <summary>What is done to 16 MB while they arrive: hashed and checked for finiteness, a piece at a time, against the hash alone.</summary>
public class ReceiveBenchmarks
{
    private const int Piece = 256 * 1024;

    private readonly XxHash3 _hash = new();
    private Model _model = null!;
    private IncomingPayload _body = null!;
    private ulong _checksum;

    [GlobalSetup]
    public void Setup()
    {
        _model = new Model(4 << 20);
        _body = new IncomingPayload(_model.Payload.Length, _model.Layout, giveBack: null);
        _model.Payload.Segment(0).CopyTo(_body.Segment(0));
        _checksum = XxHash3.HashToUInt64(_model.Payload.Segment(0).Span);
    }

    [Benchmark(Baseline = true)]
    public ulong Hash()
    {
        _hash.Reset();
        for (ReadOnlySpan<byte> rest = _body.Segment(0).Span; !rest.IsEmpty; rest = rest[Math.Min(Piece, rest.Length)..])
            _hash.Append(rest[..Math.Min(Piece, rest.Length)]);
        return _hash.GetCurrentHashAsUInt64();
    }

    [Benchmark]
    public PayloadFault Hash_and_scan()
    {
        _body.Reset();
        while (_body.Next is { IsEmpty: false } next)
            _body.Advance(next.Length);
        return _body.Complete(_checksum);
    }
}
