using Dpwa.Tests.Support;
using Dpwa.Transport;

namespace Dpwa.Tests.Exchange;

/// <summary>Nodes that are <see cref="DpwaConnection"/>s over a transport, on the system's time.</summary>
internal sealed class RealCluster : ITestCluster
{
    private readonly Func<string, ITransport> _transport;
    private readonly DpwaOptions _options;
    private readonly SkippingTime _time = new();
    private readonly string _host;
    private readonly DpwaNode[] _addresses;
    private readonly DpwaConnection?[] _nodes;
    private readonly ChaosTransport[] _chaos;
    private readonly float[][] _values;
    private readonly List<Task> _ending = [];

    public RealCluster(int nodes, DpwaOptions options, ITransport transport, string host, int length)
        : this(nodes, options, _ => transport, host, length)
    {
    }

    /// <param name="nodes">How many.</param>
    /// <param name="options">The configuration of all.</param>
    /// <param name="transport">That of the node of this name.</param>
    /// <param name="host">Where they listen.</param>
    /// <param name="length">The parameters of each.</param>
    public RealCluster(int nodes, DpwaOptions options, Func<string, ITransport> transport, string host, int length)
    {
        (_transport, _options, _host) = (transport, options, host);
        _addresses = [.. Enumerable.Range(0, nodes).Select(i => new DpwaNode($"w{i + 1}", host, 0))];
        _nodes = new DpwaConnection?[nodes];
        _chaos = new ChaosTransport[nodes];
        _values = [.. Enumerable.Range(0, nodes).Select(i => Enumerable.Repeat((float)i, length).ToArray())];
        for (int i = 0; i < nodes; i++)
            Start(i);
        for (int i = 0; i < nodes; i++)
            Introduce(i);
    }

    public float[] Values(int node) => _values[node];

    public void SetValues(int node, float[] values) => values.CopyTo(_values[node], 0);

    public void Send(int node, double loss = 1) => _nodes[node]!.UpdateSend(_values[node], loss);

    public Task<UpdateResult> Wait(int node, double loss = 1) => Task.Run(() => _nodes[node]!.UpdateWait(_values[node], loss));

    public double Clock(int node) => _nodes[node]!.Clock;

    public IReadOnlyList<PeerStatus> Peers(int node) => _nodes[node]!.Peers;

    public void Kill(int node)
    {
        _chaos[node].Cut();
        _ending.Add(_nodes[node]!.DisposeAsync().AsTask());
        _nodes[node] = null;
    }

    public void Restart(int node)
    {
        Start(node);
        Introduce(node);
    }

    public void Freeze(int node) => _chaos[node].Freeze();

    public void Thaw(int node) => _chaos[node].Thaw();

    public async Task Leave(int node)
    {
        string name = _addresses[node].Name;
        DpwaConnection leaving = _nodes[node]!;
        _nodes[node] = null;
        await leaving.DisposeAsync();
        foreach (DpwaConnection other in _nodes.OfType<DpwaConnection>())
            await Eventually.Is(() => other.Peers.Single(p => p.Name == name).State == PeerState.Left, "the goodbye is heard");
    }

    public void Pass(TimeSpan time) => _time.Skip(time);

    public Task NothingIsLeased() => Eventually.NothingIsLeased([.. _nodes.OfType<DpwaConnection>()]);

    public async ValueTask DisposeAsync()
    {
        foreach (ChaosTransport chaos in _chaos)
            chaos.Thaw();
        await Task.WhenAll(_ending);
        await Task.WhenAll(_nodes.OfType<DpwaConnection>().Select(n => n.DisposeAsync().AsTask()));
    }

    private void Start(int node)
    {
        _chaos[node] = new ChaosTransport(_transport(_addresses[node].Name));
        DpwaOptions options = _options with { Nodes = [_addresses[node]], TimeProvider = _time };
        DpwaConnection connection = new(_addresses[node].Name, options, parameters: null, _chaos[node]);
        _nodes[node] = connection;
        _addresses[node] = _addresses[node] with { Host = _host, Port = Pair.PortOf(connection.ListenEndPoint) };
    }

    /// <summary>Everyone knows everyone's address, which is free to choose only until the first start.</summary>
    private void Introduce(int node)
    {
        for (int other = 0; other < _nodes.Length; other++)
        {
            if (other != node)
                _nodes[node]!.AddPeer(_addresses[other]);
        }
    }
}
