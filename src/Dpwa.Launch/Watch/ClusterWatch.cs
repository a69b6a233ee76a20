using System.Runtime.CompilerServices;
using Dpwa.Runtime;
using Dpwa.Security;
using Dpwa.Transport;
using Dpwa.Transport.Tcp;
using Dpwa.Transport.Tls;

namespace Dpwa.Launch.Watch;

/// <summary>Asks all nodes of a configuration how they are, at once, again and again, and remembers the last that each said. One round at a time.</summary>
public sealed class ClusterWatch : IDisposable
{
    private readonly IReadOnlyList<WatchedNode> _nodes;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    /// <summary>Watches these nodes.</summary>
    /// <param name="nodes">Which.</param>
    /// <param name="query">How each is asked; disposed of with the watch.</param>
    /// <param name="timeout">How long a node has to answer, the connection included: no round takes longer.</param>
    /// <param name="time">The clock.</param>
    public ClusterWatch(IReadOnlyList<DpwaNode> nodes, Func<DpwaNode, INodeQuery> query, TimeSpan timeout, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(time);
        _nodes = [.. nodes.Select(node => new WatchedNode(node, query(node), time))];
        (_timeout, _time) = (timeout, time);
    }

    /// <summary>Whether nodes are asked for sketches of their parameters, by which <see cref="ClusterView.ConsensusDistance"/> is known. True unless set.</summary>
    public bool WithSketches { get; init; } = true;

    /// <summary>Watches the nodes of a configuration over the network, with the operator's identity where it has identities.</summary>
    /// <param name="options">The cluster.</param>
    /// <param name="timeout">How long a node has to answer.</param>
    /// <param name="time">The clock.</param>
    /// <param name="withSketches">See <see cref="WithSketches"/>.</param>
    /// <exception cref="DpwaConfigurationException">A certificate or a key cannot be used, or there is none here.</exception>
    public static ClusterWatch Open(DpwaOptions options, TimeSpan timeout, TimeProvider time, bool withSketches = true)
    {
        ArgumentNullException.ThrowIfNull(options);
        var transport = OperatorTransport(options);
        return new(options.Nodes, node => new NodeQuery(transport, node, options), timeout, time) { WithSketches = withSketches };
    }

    /// <summary>How the nodes of a configuration are reached by who is none of them.</summary>
    /// <exception cref="DpwaConfigurationException">A certificate or a key cannot be used, or there is none here.</exception>
    public static ITransport OperatorTransport(DpwaOptions options) => NodeIdentity.LoadOperator(options) is { } identity ? new TlsTransport(identity) : new TcpTransport();

    /// <summary>One round: asks all of them, and waits until each has answered or its time is up.</summary>
    public async Task<ClusterView> AskAsync(CancellationToken ct = default)
    {
        var views = await Task.WhenAll(_nodes.Select(node => node.AskAsync(WithSketches, _timeout, ct))).ConfigureAwait(false);
        // What the others say of each, those that say it now.
        var opinions = views.Where(view => view.State is WatchState.Running).SelectMany(view => view.Status!.Peers).ToLookup(peer => peer.Name, StringComparer.Ordinal);
        return new(_time.GetUtcNow(), [.. views.Select(view => view with
        {
            State = view.State is WatchState.NotAnswering && opinions[view.Node.Name].Any(peer => peer.State is PeerState.Left) ? WatchState.Left : view.State,
            Score = opinions[view.Node.Name].Average(peer => (double?)peer.Score),
        })]);
    }

    /// <summary>A round at once, and then one each interval; a round that takes longer delays the next.</summary>
    /// <param name="interval">From the start of a round to that of the next.</param>
    /// <param name="ct">Ends it, by <see cref="OperationCanceledException"/>.</param>
    public async IAsyncEnumerable<ClusterView> WatchAsync(TimeSpan interval, [EnumeratorCancellation] CancellationToken ct = default)
    {
        using var timer = new PeriodicTimer(interval, _time);
        do yield return await AskAsync(ct).ConfigureAwait(false);
        while (await timer.WaitForNextTickAsync(ct).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var node in _nodes) node.Dispose();
    }
}
