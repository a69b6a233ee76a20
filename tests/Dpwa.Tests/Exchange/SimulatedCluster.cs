using Dpwa.Protocol;
using Dpwa.Simulation;

namespace Dpwa.Tests.Exchange;

/// <summary>The same state machines on virtual time.</summary>
internal sealed class SimulatedCluster : ITestCluster
{
    private readonly VirtualCluster _cluster;
    private readonly int[] _fetches;
    private readonly bool[] _down;

    public SimulatedCluster(int nodes, DpwaOptions options, int length)
    {
        string[] names = [.. Enumerable.Range(0, nodes).Select(i => $"w{i + 1}")];
        _fetches = new int[nodes];
        _down = new bool[nodes];
        _cluster = new VirtualCluster(
            options with { Nodes = [.. names.Select((name, i) => new DpwaNode(name, "virtual", 45_000 + i))] }, ParameterLayout.Flat(length), seed: 1);
        Dictionary<ulong, int> indexOf = names.Select((name, i) => (name, i)).ToDictionary(n => MessageHeader.IdOf(n.name), n => n.i);
        _cluster.OnMessage = header =>
        {
            if (header.Type == MessageType.Fetch)
                _fetches[indexOf[header.Sender]]++;
            return Delivery.Deliver;
        };
        for (int i = 0; i < nodes; i++)
            _cluster.Model(i).Values().Fill(i);
    }

    public float[] Values(int node) => _cluster.Model(node).Values().ToArray();

    public void SetValues(int node, float[] values) => values.CopyTo(_cluster.Model(node).Values());

    public void Send(int node, double loss = 1) => _cluster.UpdateSend(node, loss);

    public Task<UpdateResult> Wait(int node, double loss = 1) => Task.FromResult(_cluster.UpdateWait(node, loss));

    public double Clock(int node) => _cluster.Node(node).Clock;

    public IReadOnlyList<PeerStatus> Peers(int node) => _cluster.Node(node).Peers(_cluster.Now);

    public int Fetches(int node) => _fetches[node];

    public void Kill(int node)
    {
        _down[node] = true;
        _cluster.Kill(node);
    }

    public void Restart(int node)
    {
        _down[node] = false;
        _cluster.Restart(node);
    }

    public void Freeze(int node) => _cluster.Freeze(node, true);

    public void Thaw(int node) => _cluster.Freeze(node, false);

    public Task Leave(int node)
    {
        _down[node] = true;
        _cluster.Leave(node);
        _cluster.Run(TimeSpan.FromMilliseconds(10));
        return Task.CompletedTask;
    }

    public void Pass(TimeSpan time) => _cluster.Run(time);

    public Task NothingIsLeased()
    {
        _cluster.Run(TimeSpan.FromSeconds(60));
        for (int i = 0; i < _down.Length; i++)
            Assert.True(_down[i] || _cluster.Node(i).Published is not { IsLeased: true }, $"w{i + 1}'s snapshot is still held");
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
