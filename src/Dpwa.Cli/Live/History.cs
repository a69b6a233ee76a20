using Dpwa.Launch.Watch;

namespace Dpwa.Cli.Live;

/// <summary>The last rounds, for curves.</summary>
internal sealed class History
{
    /// <summary>As many rounds as a curve may show.</summary>
    private const int Rounds = 200;

    private readonly List<ClusterView> _views = [];

    public void Add(ClusterView view)
    {
        if (_views.Count == Rounds) _views.RemoveAt(0);
        // Without what is long and in no curve; the consensus distance, which was made of sketches, stays.
        _views.Add(view with { Nodes = [.. view.Nodes.Select(node => node with { News = [], Status = node.Status is { } status ? status with { Sketch = [], Exchanges = [], Peers = [] } : null })] });
    }

    /// <summary>Something of the cluster, oldest first.</summary>
    public IReadOnlyList<double?> Of(Func<ClusterView, double?> what) => [.. _views.Select(what)];

    /// <summary>Something of a node in the rounds in which it ran, oldest first.</summary>
    public IReadOnlyList<double?> Of(int node, Func<NodeView, double?> what) => [.. _views.Select(view => view.Nodes[node].State is WatchState.Running ? what(view.Nodes[node]) : null)];
}
