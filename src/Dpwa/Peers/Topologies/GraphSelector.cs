using Dpwa.Protocol;

namespace Dpwa.Peers.Topologies;

/// <summary>
/// A random neighbour on the configuration's graph, by the rule of the draw by score. Where no neighbour may be asked now, nobody is: what is no edge may be no way. A node that
/// joined later and is not on the graph draws among all.
/// </summary>
internal sealed class GraphSelector(IReadOnlyList<GraphEdge> edges) : IPeerSelector
{
    private ulong[]? _neighbours;

    public string Name => "graph";

    public int Select(IPeerCandidates candidates)
    {
        if (candidates.Self < 0)
            return candidates.DrawByScore();
        _neighbours ??= Neighbours(candidates.MemberName(candidates.Self));
        if (_neighbours.Length == 0)
            return candidates.DrawByScore();

        const double range = 990;
        double best = double.NegativeInfinity;
        int chosen = -1;
        foreach (ulong neighbour in _neighbours)
        {
            int peer = candidates.IndexOf(neighbour);
            if (peer < 0 || !candidates.IsEligible(peer))
                continue;
            double value = candidates.Score(peer) + range * candidates.Random.NextDouble();
            if (value > best)
                (best, chosen) = (value, peer);
        }

        return chosen;
    }

    private ulong[] Neighbours(string name) =>
        [.. edges.Where(e => e.A == name || e.B == name).Select(e => MessageHeader.IdOf(e.A == name ? e.B : e.A)).Distinct()];
}
