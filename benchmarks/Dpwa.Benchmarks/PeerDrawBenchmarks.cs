using BenchmarkDotNet.Attributes;
using Dpwa.Peers;
using Dpwa.Protocol;

namespace Dpwa.Benchmarks;

/// <summary>Drawing a peer. It costs what the node has dealt with (sixteen peers here), not what there is.</summary>
public class PeerDrawBenchmarks
{
    private readonly IPeerSelector _selector = PeerSelectors.Create(new DpwaOptions());
    private PeerTable _few = null!, _many = null!;

    [GlobalSetup]
    public void Setup() => (_few, _many) = (Table(20), Table(10_000));

    [Benchmark(Baseline = true)]
    public int Among_20() => Draw(_few);

    [Benchmark]
    public int Among_10_000() => Draw(_many);

    private int Draw(PeerTable table)
    {
        table.Prepare(TimeSpan.FromSeconds(1), exchange: 1);
        return _selector.Select(table);
    }

    private static PeerTable Table(int nodes)
    {
        var members = new Membership(Enumerable.Range(0, nodes).Select(i => new DpwaNode($"w{i}", "host", 1 + i)));
        var table = new PeerTable(members, MessageHeader.IdOf("w0"), new Random(1));
        for (int i = 1; i <= 16; i++)
            table.Record(MessageHeader.IdOf($"w{i}"));
        return table;
    }
}
