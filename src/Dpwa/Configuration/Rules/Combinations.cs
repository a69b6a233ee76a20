using System.Numerics;

namespace Dpwa.Configuration;

/// <summary>Which settings go together. <c>docs/methods.md</c> has the same as a table; a test compares them.</summary>
internal static class Combinations
{
    /// <summary>What cannot be combined: the key to change, and why.</summary>
    public static IEnumerable<(string Key, string Message)> Wrong(DpwaOptions options) =>
        [.. OfSwap(options), .. OfPushSum(options), .. OfSubset(options), .. OfOuter(options), .. OfTopology(options), .. OfSafety(options)];

    /// <summary>The key that makes the factor another than ½; null when it is.</summary>
    private static string? NotHalf(DpwaOptions o) =>
        o.Interpolation != "constant" ? "interpolation" : o.ConstantValue != 0.5 ? "constant" : o.DivergenceThreshold != 0 ? "divergence_threshold" : null;

    private static IEnumerable<(string, string)> OfSwap(DpwaOptions o)
    {
        if (o.Exchange != ExchangeKind.Swap)
            yield break;
        if (o.Apply != ApplyForm.Delta)
            yield return ("apply", "exchange: swap needs apply: delta, since both sides move by the difference of the two snapshots that were exchanged");
        if (NotHalf(o) is { } key)
            yield return (key, "exchange: swap brings its own factor, ½ on both sides: leave interpolation, constant and divergence_threshold as they are");
        if (o.Topology == Topology.Exponential)
            yield return ("topology", "exchange: swap needs pairs, but on topology: exponential a node takes from one and gives to another; use hypercube or matching, or exchange: pull");
    }

    private static IEnumerable<(string, string)> OfPushSum(DpwaOptions o)
    {
        if (o.Exchange == ExchangeKind.PushSum && NotHalf(o) is { } key)
            yield return (key, "exchange: push_sum brings its own factor, the sender's share of the weight: leave interpolation, constant and divergence_threshold as they are");
    }

    private static IEnumerable<(string, string)> OfSubset(DpwaOptions o)
    {
        if (o.Subset >= 1)
            yield break;
        if (o.Apply != ApplyForm.Parameters)
            yield return ("subset", "a subset needs apply: parameters, since a peer in another round sends other coordinates than those of my own snapshot");
        if (o.Exchange is ExchangeKind.PushSum)
            yield return ("subset", "a subset cannot go with exchange: push_sum, whose weight is the whole model's");
        if (o.Outer is not null)
            yield return ("subset", "a subset cannot go with an outer optimizer, which needs the whole difference to the last outer step");
    }

    private static IEnumerable<(string, string)> OfOuter(DpwaOptions o)
    {
        if (o.Outer is not { } outer)
            yield break;
        if (o.Exchange != ExchangeKind.Pull)
            yield return ("outer", "an outer optimizer needs exchange: pull: each of a pair takes the other's and does the same step");
        if (NotHalf(o) is { } key)
            yield return (key, "an outer optimizer takes the mean of the pair: leave interpolation, constant and divergence_threshold as they are");
        if (o is { LateFetch: LateFetch.Skip, Apply: ApplyForm.Parameters })
            yield return ("late_fetch", "late_fetch: skip with an outer optimizer needs apply: delta: else what I trained while the peer's parameters were late would count as if it had been trained before, and theirs not");
        double bound = 2 * (1 - outer.Alpha * outer.Alpha);
        if (outer.Gamma >= bound)
            yield return ("outer", FormattableString.Invariant($"outer.gamma is {outer.Gamma}, but the workers' mean-square distance only stays bounded below 2·(1 − alpha²) = {bound:0.###}"));
    }

    private static IEnumerable<(string, string)> OfTopology(DpwaOptions o)
    {
        int nodes = o.Nodes.Count;
        if (o.Topology != Topology.Random && o.Selector != "random")
            yield return ("topology", "topology and selector both say whom to exchange with: give one of them");
        if (o.Topology == Topology.Hypercube && !BitOperations.IsPow2(nodes))
            yield return ("topology", $"topology: hypercube pairs i with i XOR 2^k and so needs a power of two of nodes, but there are {nodes}; matching takes any number");
        if (o.Topology == Topology.Graph != o.Graph.Count > 0)
        {
            yield return o.Topology == Topology.Graph
                ? ("topology", "topology: graph needs the edges: 'graph: [[w1, w2], [w2, w3]]'")
                : ("graph", "graph is given, but topology is not 'graph'");
        }

        HashSet<string> names = [.. o.Nodes.Where(n => n?.Name is not null).Select(n => n.Name)];
        foreach (GraphEdge edge in o.Graph)
        {
            foreach (string? name in new[] { edge.A, edge.B })
            {
                if (name is null || !names.Contains(name))
                    yield return ("graph", $"graph names {Words.Quote(name ?? "")}, which is no node{Words.Suggest(name ?? "", [.. names])}");
            }

            if (edge.A == edge.B)
                yield return ("graph", $"graph joins {Words.Quote(edge.A)} with itself");
        }

        if (o.Graph.Count > 0 && Unreached(o, names) is { Length: > 0 } unreached)
            yield return ("graph", $"graph falls apart: no path leads from {Words.Quote(o.Nodes[0].Name)} to {Words.List(unreached)}");
    }

    private static IEnumerable<(string, string)> OfSafety(DpwaOptions o)
    {
        if (o.Bootstrap == BootstrapSource.Peer && o.Subset < 1)
            yield return ("bootstrap", "bootstrap: peer cannot go with a subset, which is never the whole model; start the worker from a checkpoint instead");
        if (o.MaxDeltaNorm is { } limit)
        {
            if (o.Exchange == ExchangeKind.PushSum)
                yield return ("max_delta_norm", "max_delta_norm cannot go with exchange: push_sum: what is pushed brings weight, and its parameters must be mixed in that proportion");
            if (o.Outer is not null && limit.Excess == DeltaExcess.Clip)
                yield return ("max_delta_norm", "with an outer optimizer max_delta_norm cannot clip, since there is no factor to make smaller: give '{value: …, excess: reject}'");
        }

        if (o is { Tls: not null, ClusterKey: not null })
            yield return ("cluster_key", "tls and cluster_key both say who is let in: give one of them");
        if (o is not { Tls: null, ClusterKey: null } && o.Nodes.Any(n => n?.Name == DpwaNode.Operator))
            yield return ("nodes", $"with tls or cluster_key no node may be named '{DpwaNode.Operator}': it is the name under which 'dpwa check' asks");
        if (o.ClusterKey is { File: null } and { Environment: null } or { File: not null, Environment: not null })
            yield return ("cluster_key", "cluster_key must name a file or an environment variable, and only one of them: '{file: cluster.key}' or '{environment: DPWA_CLUSTER_KEY}'");
    }

    /// <summary>The nodes that no path leads to from the first.</summary>
    private static string[] Unreached(DpwaOptions o, HashSet<string> names)
    {
        ILookup<string, string> neighbours = o.Graph.Where(e => e.A is not null && e.B is not null).SelectMany(e => new[] { (e.A, e.B), (e.B, e.A) }).ToLookup(e => e.Item1, e => e.Item2, StringComparer.Ordinal);
        Stack<string> next = new([.. o.Nodes.Take(1).Where(n => n?.Name is not null).Select(n => n.Name)]);
        HashSet<string> left = [.. names];
        while (next.TryPop(out string? name))
        {
            if (left.Remove(name))
            {
                foreach (string neighbour in neighbours[name])
                    next.Push(neighbour);
            }
        }

        return [.. o.Nodes.Where(n => n?.Name is not null && left.Contains(n.Name)).Select(n => n.Name)];
    }
}
