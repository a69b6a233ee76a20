using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Dpwa.Security;
using Dpwa.Transport;
using Dpwa.Transport.InMemory;
using Dpwa.Transport.Tcp;
using Dpwa.Transport.Tls;

namespace Dpwa.Benchmarks;

/// <summary>A whole step of a node that averages with another: publish, ask, send, receive, verify, mix. 1 MB, both nodes in this process, against the
/// passes over the parameters alone.</summary>
public class ExchangeBenchmarks
{
    private const int Elements = 1 << 18;

    private readonly float[] _mine = new float[Elements];
    private readonly float[] _copy = new float[Elements];
    private DpwaConnection[] _nodes = [];

    [GlobalSetup(Target = nameof(In_memory))]
    public void SetupInMemory()
    {
        var transport = new InMemoryTransport();
        Start(_ => transport);
    }

    [GlobalSetup(Target = nameof(Tcp))]
    public void SetupTcp() => Start(_ => new TcpTransport());

    [GlobalSetup(Target = nameof(Tls))]
    public void SetupTls()
    {
        ClusterKey key = ClusterKey.Parse(path: null, RandomNumberGenerator.GetHexString(64));
        Start(name => new TlsTransport(key.Mint(cluster: "", name)));
    }

    [GlobalCleanup]
    public void Cleanup() => Array.ForEach(_nodes, n => n.Dispose());

    [Benchmark(Baseline = true)]
    public void Copies()
    {
        for (int i = 0; i < 3; i++)
            _mine.CopyTo(_copy, 0);
    }

    [Benchmark]
    public UpdateOutcome In_memory() => Step();

    [Benchmark]
    public UpdateOutcome Tcp() => Step();

    [Benchmark]
    public UpdateOutcome Tls() => Step();

    private UpdateOutcome Step()
    {
        _nodes[0].UpdateSend(_mine, 1);
        UpdateResult result = _nodes[0].UpdateWait(_mine, 1);
        return result.Outcome == UpdateOutcome.Averaged ? result.Outcome : throw new InvalidOperationException($"{result.Outcome}: {result.Reason}");
    }

    /// <summary>Both publish before the first asks the second.</summary>
    private void Start(Func<string, ITransport> transport)
    {
        DpwaNode[] names = [new("w1", "127.0.0.1", 0), new("w2", "127.0.0.1", 0)];
        var options = new DpwaOptions { Seed = 1, Timeout = TimeSpan.FromSeconds(20), Transport = TransportChoice.Tcp };
        _nodes = [.. names.Select(n => new DpwaConnection(n.Name, options with { Nodes = [n] }, parameters: null, transport(n.Name)))];
        foreach (DpwaConnection node in _nodes)
        {
            node.UpdateSend(_mine, 1);
            node.UpdateWait(_mine, 1);
        }

        int port = _nodes[1].ListenEndPoint switch
        {
            System.Net.IPEndPoint ip => ip.Port,
            System.Net.DnsEndPoint dns => dns.Port,
            _ => throw new InvalidOperationException("an end point without a port"),
        };
        _nodes[0].AddPeer(names[1] with { Port = port });
    }
}
