using Dpwa.Exchange;
using Dpwa.Security;
using Dpwa.Tests.Support;
using Dpwa.Transport;
using Dpwa.Transport.Tcp;
using Dpwa.Transport.Tls;

namespace Dpwa.Tests.Security;

/// <summary>A node of a test, with an identity of the test's choice or none, that has published its parameters.</summary>
internal sealed class TlsNode : IAsyncDisposable
{
    private readonly float[] _values;

    public TlsNode(string name, NodeIdentity? identity, float value, Func<DpwaOptions, DpwaOptions>? change = null, int length = 100)
        : this(name, identity is null ? new TcpTransport() : new TlsTransport(identity), value, change, length)
    {
    }

    public TlsNode(string name, ITransport transport, float value, Func<DpwaOptions, DpwaOptions>? change = null, int length = 100)
    {
        Name = name;
        _values = [.. Enumerable.Repeat(value, length)];
        var options = new DpwaOptions { Nodes = [new DpwaNode(name, "127.0.0.1", 0)], Seed = 1, Timeout = TimeSpan.FromSeconds(20), Transport = TransportChoice.Tcp, LoggerFactory = Logs };
        Node = new DpwaConnection(name, change?.Invoke(options) ?? options, parameters: null, transport);
        Node.UpdateSend(_values, 1);
    }

    public string Name { get; }

    public RecordingLogs Logs { get; } = new();

    public DpwaConnection Node { get; }

    public DpwaNode Address => new(Name, "127.0.0.1", Pair.PortOf(Node.ListenEndPoint));

    public float Value => _values[0];

    public async Task<UpdateResult> Step(DpwaNode? peer = null)
    {
        if (peer is not null)
            Node.AddPeer(peer);
        await Task.Run(() => Node.UpdateWait(_values, 1));
        Node.UpdateSend(_values, 1);
        return await Task.Run(() => Node.UpdateWait(_values, 1));
    }

    /// <summary>What this node logged of whom it asked, once it has.</summary>
    public async Task<string> OfPeer()
    {
        await Logs.Logged(10);
        return Assert.Single(Logs.Of(10));
    }

    /// <summary>What this node logged of who connected, once it has.</summary>
    public async Task<string> OfClient()
    {
        await Logs.Logged(13);
        return Assert.Single(Logs.Of(13));
    }

    public ValueTask DisposeAsync() => Node.DisposeAsync();
}
