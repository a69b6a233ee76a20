using Dpwa.Launch.Bench;
using Dpwa.Launch.Watch;

namespace Dpwa.Launch.Doctor;

/// <summary>What is wrong between nodes that both run: a network or a firewall, one way or both.</summary>
internal static class LinkFindings
{
    /// <summary>A link is slow below this part of the median.</summary>
    private const double SlowShare = 0.1;

    /// <summary>Nodes that run, and that others cannot reach: one finding for all who say the same.</summary>
    public static IEnumerable<Finding> Failures(ClusterView view, IReadOnlyList<NodeLink> links)
    {
        foreach (var to in links.GroupBy(link => link.To, StringComparer.Ordinal))
        {
            var failing = to.Where(link => link.Seen.LastError is not null).ToArray();
            foreach (var bad in to.Where(link => link.Seen.State is PeerState.Quarantined))
                yield return new(bad.To, IsProblem: true, $"{bad.From} leaves it alone for a time, because it sent {bad.Seen.BadPayloads:N0} payloads that cannot be used: see the log of {bad.From}, and whether {bad.To} has diverged.");
            var seen = failing.Where(link => link.Seen.State is not PeerState.Quarantined).ToArray();
            if (seen.Length == 0) continue;
            var node = view.Nodes.First(node => node.Node.Name == to.Key);
            string[] askers = [.. seen.Select(link => link.From)];
            yield return new(to.Key, IsProblem: seen.Any(link => link.Seen.State is PeerState.BackingOff), $"It runs, and the last try of {NameList.Show(askers)} to exchange with it failed: {seen[0].Seen.LastError!.TrimEnd('.')}.{Advice(node.Node, seen, to.Count() == seen.Length, links)}");
        }
    }

    /// <summary>Links over which parameters come at a fraction of the speed of the others.</summary>
    public static IEnumerable<Finding> Slow(ClusterView view, IReadOnlyList<NodeLink> links)
    {
        double[] speeds = [.. links.Select(link => link.Seen.Throughput).OfType<double>().Order()];
        if (speeds.Length < 3) yield break;
        var median = speeds[speeds.Length / 2];
        foreach (var link in links.Where(link => link.Seen.Throughput < SlowShare * median))
        {
            var bytes = view.Nodes.First(node => node.Node.Name == link.To).Status!.SnapshotBytes;
            yield return new(link.From, IsProblem: false,
                $"Parameters of {link.To} come at {Quantity.ShowBytes(Math.Round(link.Seen.Throughput!.Value))}/s, where half of the links have {Quantity.ShowBytes(Math.Round(median))}/s or more: a model of {Quantity.ShowBytes(bytes)} takes {bytes / link.Seen.Throughput.Value:0.##} s. "
                + "Look at the network between the two ('dpwa bench exchange' measures it), or send fewer bytes ('codec: int8', 'exchange_every').");
        }
    }

    private static string Advice(DpwaNode node, NodeLink[] failing, bool isForAll, IReadOnlyList<NodeLink> links)
    {
        // What is no matter of the network says itself what it is.
        if (!failing.Any(link => link.Seen.LastError is { } error && (error.Contains("cannot be reached", StringComparison.Ordinal) || error.Contains("did not answer", StringComparison.Ordinal)))) return "";
        if (failing.All(link => link.Seen.State is PeerState.Available)) return " It is asked again at once; if that goes on, see the logs of both.";
        if (isForAll && failing.Length > 1) return $" No other node reaches it: is {node.Host} the address by which they know it, and does its firewall let port {node.Port} in from them?";
        var isOneWay = failing.All(link => links.Any(back => back.From == link.To && back.To == link.From && back.Seen.LastError is null));
        return isOneWay
            ? $" The other way it works: does the firewall of {node.Name} let port {node.Port} in from there?"
            : " Look at what is between the two: the route, a firewall, an address that means another machine there.";
    }
}
