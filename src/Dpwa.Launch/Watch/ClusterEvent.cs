namespace Dpwa.Launch.Watch;

/// <summary>Something that changed from one round to the next.</summary>
/// <param name="At">When it was seen, by the asker's clock, UTC.</param>
/// <param name="Node">The node that it is about.</param>
/// <param name="IsBad">Whether it is for the worse.</param>
/// <param name="Text">In words, without the time.</param>
public sealed record ClusterEvent(DateTimeOffset At, string Node, bool IsBad, string Text)
{
    /// <summary>What changed. A peer that fails is one event when it begins to, for all that say so in one round, and one when it is over, not one a try.</summary>
    /// <param name="before">The round before.</param>
    /// <param name="after">This round, of the same nodes.</param>
    public static IEnumerable<ClusterEvent> Between(ClusterView before, ClusterView after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        return [.. before.Nodes.Zip(after.Nodes).SelectMany(pair => OfNode(pair.First, pair.Second, after.At)), .. OfLinks(before, after)];
    }

    private static IEnumerable<ClusterEvent> OfNode(NodeView before, NodeView after, DateTimeOffset at)
    {
        var name = after.Node.Name;
        var isNewLife = before.Status is { } last && after.Status!.Incarnation != last.Incarnation;
        if (after.State is WatchState.Running && isNewLife) yield return new(at, name, IsBad: false, $"{name} was started again (process {after.Status!.Process})");
        else if (before.State != after.State)
        {
            yield return after.State switch
            {
                WatchState.Running => new(at, name, IsBad: false, before.Status is null ? $"{name} runs (process {after.Status!.Process})" : $"{name} answers again"),
                WatchState.Left => new(at, name, IsBad: false, $"{name} has left"),
                _ => new(at, name, IsBad: true, $"{name} does not answer any more: {after.Failure?.Text}"),
            };
        }
    }

    private static IEnumerable<ClusterEvent> OfLinks(ClusterView before, ClusterView after)
    {
        var changes =
            from pair in before.Nodes.Zip(after.Nodes)
            where pair is { First.Status: not null, Second.State: WatchState.Running } && pair.First.Status.Incarnation == pair.Second.Status!.Incarnation
            let known = pair.First.Status!.Peers.ToLookup(peer => peer.Name, StringComparer.Ordinal)
            from peer in pair.Second.Status!.Peers
            let was = known[peer.Name].FirstOrDefault()
            where was is not null && was.LastError is null != peer.LastError is null
            group (Asker: pair.Second.Node.Name, peer.LastError) by (peer.Name, HasFailed: peer.LastError is not null);
        foreach (var change in changes)
        {
            var askers = NameList.Show([.. change.Select(link => link.Asker)]);
            yield return change.Key.HasFailed
                ? new(after.At, change.Key.Name, IsBad: true, $"{askers} failed to exchange with {change.Key.Name}: {change.First().LastError}")
                : new(after.At, change.Key.Name, IsBad: false, $"{askers} {(change.Count() == 1 ? "exchanges" : "exchange")} with {change.Key.Name} again");
        }
    }
}
