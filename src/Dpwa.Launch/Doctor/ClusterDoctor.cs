using Dpwa.Launch.Watch;

namespace Dpwa.Launch.Doctor;

/// <summary>Reads what running nodes say of themselves and of each other, and says what is wrong between them and what to do.</summary>
public static class ClusterDoctor
{
    /// <summary>How far clocks may be apart before it is told. The method needs no clock of the day; certificates and people who read logs do.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(2);

    /// <summary>The connections between nodes that run, as the nodes see them: those that have been tried.</summary>
    public static IReadOnlyList<NodeLink> LinksOf(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var running = view.Running.Select(node => node.Node.Name).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. from node in view.Running
               from peer in node.Status!.Peers
               where peer.Name != node.Node.Name && running.Contains(peer.Name) && (peer.Exchanges > 0 || peer.Failures > 0)
               select new NodeLink(node.Node.Name, peer.Name, peer),
        ];
    }

    /// <summary>All that is to be said, by the order of the nodes.</summary>
    public static IReadOnlyList<Finding> Examine(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var links = LinksOf(view);
        var places = view.Nodes.Select((node, place) => (node.Node.Name, place)).ToDictionary(StringComparer.Ordinal);
        return [.. Versions(view).Concat(Clocks(view)).Concat(Configurations(view)).Concat(LinkFindings.Failures(view, links)).Concat(LinkFindings.Slow(view, links)).Concat(Failing(view)).OrderBy(finding => places[finding.Node])];
    }

    private static IEnumerable<Finding> Versions(ClusterView view)
    {
        // OrderBy keeps the order of equals: with no majority, the first node's version is the one that counts.
        var versions = view.Running.GroupBy(node => node.Status!.Version).OrderByDescending(version => version.Count()).ToArray();
        foreach (var version in versions.Skip(1))
        {
            foreach (var node in version)
                yield return new(node.Node.Name, IsProblem: false, $"It runs version {version.Key} of Dpwa, and {NameList.Show([.. versions[0].Select(other => other.Node.Name)])} {versions[0].Key}: install the same version everywhere.");
        }
    }

    private static IEnumerable<Finding> Clocks(ClusterView view)
    {
        foreach (var node in view.Running)
        {
            // Half of the round trip is how wrong the comparison may be.
            if (node is not { ClockOffset: { } offset, RoundTrip: { } roundTrip } || offset.Duration() - roundTrip / 2 < Skew) continue;
            yield return new(node.Node.Name, IsProblem: false,
                $"Its clock is {offset.Duration().TotalSeconds:N1} s {(offset > TimeSpan.Zero ? "ahead of" : "behind")} this machine's (known to {roundTrip.TotalSeconds / 2:0.###} s): times in logs do not compare, and certificates may seem expired or not yet valid. Let both machines take the time from the network (NTP).");
        }
    }

    /// <summary>Who does not know a node of this file, or looks for it elsewhere, was started with another file; or its program has added and removed peers, which is no problem by itself.</summary>
    private static IEnumerable<Finding> Configurations(ClusterView view)
    {
        const string remedy = "was it started with another configuration? Give all nodes the same file, and start again those that had an older one.";
        foreach (var node in view.Running)
        {
            var known = node.Status!.Peers.ToLookup(peer => peer.Name, StringComparer.Ordinal);
            var others = view.Nodes.Where(other => other.Node.Name != node.Node.Name).ToArray();
            string[] missing = [.. others.Where(other => !known.Contains(other.Node.Name)).Select(other => other.Node.Name)];
            if (missing.Length > 0) yield return new(node.Node.Name, IsProblem: false, $"It does not know {NameList.Show(missing)}: {remedy}");
            foreach (var other in others)
            {
                var place = Probe.NodeReport.PlaceOf(other.Node);
                if (other.Node.Port != 0 && known[other.Node.Name].FirstOrDefault() is { Endpoint: { Length: > 0 } endpoint } && endpoint != place)
                    yield return new(node.Node.Name, IsProblem: false, $"It looks for {other.Node.Name} at {endpoint}, and this configuration has it at {place}: {remedy}");
            }
        }
    }

    /// <summary>Who fails more often than not.</summary>
    private static IEnumerable<Finding> Failing(ClusterView view)
    {
        const int enough = 20;
        foreach (var node in view.Running)
        {
            var (failed, tried) = (node.Status!.Failed, node.Status.Failed + node.Status.Averaged);
            if (view.Running.Count() < 2 || tried < enough || failed * 2 <= tried) continue;
            yield return new(node.Node.Name, IsProblem: false, $"Of the {tried:N0} steps in which it was to exchange, {failed:N0} brought nothing{(node.LastFailure?.Reason is { } reason ? $"; the last of them: {reason.TrimEnd('.')}" : "")}.");
        }
    }
}
