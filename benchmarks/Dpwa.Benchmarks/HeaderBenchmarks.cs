using System.IO.Hashing;
using BenchmarkDotNet.Attributes;
using Dpwa.Protocol;

namespace Dpwa.Benchmarks;

/// <summary>A message's header, against the hash of its bytes, which both directions need.</summary>
public class HeaderBenchmarks
{
    private readonly byte[] _bytes = new byte[MessageHeader.Size];
    private readonly MessageHeader _header = new()
    {
        Type = MessageType.Snapshot,
        Sender = MessageHeader.IdOf("w1"),
        Receiver = MessageHeader.IdOf("w2"),
        Clock = 17.5,
        Loss = 0.25,
        Weight = 1,
        BodyLength = 45_000_000,
    };

    [GlobalSetup]
    public void Setup() => _header.Write(_bytes);

    [Benchmark(Baseline = true)]
    public ulong Hash() => XxHash3.HashToUInt64(_bytes.AsSpan(0, 120));

    [Benchmark]
    public void Write() => _header.Write(_bytes);

    [Benchmark]
    public HeaderFault Read() => MessageHeader.TryRead(_bytes, out _);
}
