using System.Collections.Immutable;

namespace Dpwa;

/// <summary>What one exchange does, and to whom.</summary>
public enum ExchangeKind
{
    /// <summary>Fetch a peer's parameters and mix them into mine: the original's, and the default (arXiv 1611.04581).</summary>
    Pull,

    /// <summary>Offer mine to a peer, which fetches them and mixes them at its next <c>UpdateWait</c> (arXiv 1611.04581).</summary>
    Push,

    /// <summary>Push with half of my weight; the receiver mixes in proportion to the weights (GoSGD, arXiv 1611.09726).</summary>
    PushSum,

    /// <summary>Both take each other's snapshot and move half-way (AD-PSGD, arXiv 1710.06952).</summary>
    Swap,
}

/// <summary>Whom a node exchanges with.</summary>
public enum Topology
{
    /// <summary>Any other, drawn by flow-control score: the original's, and the default.</summary>
    Random,

    /// <summary>A random perfect matching a round, which every node derives from the shared seed.</summary>
    Matching,

    /// <summary>The neighbours on a ring in the order of the configuration, the next and the previous in turn.</summary>
    Ring,

    /// <summary>Node i takes from i + 2^k mod N, k counting up with the rounds.</summary>
    Exponential,

    /// <summary>Nodes i and i XOR 2^k, k counting up with the rounds; N a power of two.</summary>
    Hypercube,

    /// <summary>A random neighbour on the graph of <see cref="DpwaOptions.Graph"/>.</summary>
    Graph,
}

/// <summary>Two nodes that may exchange, by name; the order says nothing.</summary>
/// <param name="A">One.</param>
/// <param name="B">The other.</param>
public readonly record struct GraphEdge(string A, string B);

/// <summary>
/// The outer optimizer of NoLoCo (arXiv 2506.10911): after the local steps Δ = θ − φ, <c>m ← α·m + β·mean(Δ) + γ·(mean(φ) − φ)</c>, <c>φ ← φ + m</c>,
/// <c>θ ← φ</c>, the means over the pair.
/// </summary>
/// <param name="Alpha">The momentum α in [0, 1).</param>
/// <param name="Beta">The outer step size β &gt; 0.</param>
/// <param name="Gamma">How strongly the pair's φ are drawn together, in (0, 2·(1−α²)); 0 is without.</param>
public sealed record OuterOptimizerOptions(double Alpha = 0.5, double Beta = 0.7, double Gamma = 0.6);

/// <summary>The published gossip methods as bundles of settings (<c>method</c>); <c>docs/methods.md</c> explains each.</summary>
public static class GossipMethods
{
    /// <summary>Their names, the default first.</summary>
    public static ImmutableArray<string> Names { get; } = ["dpwa", "gossip-push", "gosgd", "ad-psgd", "elastic", "noloco", "sparta"];

    /// <summary>Options with the settings of a method, to be completed by <c>with</c>.</summary>
    /// <exception cref="ArgumentException">No method has this name.</exception>
    public static DpwaOptions Options(string method) => method switch
    {
        "dpwa" => new(),
        "gossip-push" => new() { Method = method, Exchange = ExchangeKind.Push },
        "gosgd" => new() { Method = method, Exchange = ExchangeKind.PushSum, FetchProbability = 0.5 },
        "ad-psgd" => new() { Method = method, Exchange = ExchangeKind.Swap, Apply = ApplyForm.Delta },
        "elastic" => new() { Method = method, Topology = Topology.Matching, ConstantValue = 0.25 },
        "noloco" => new() { Method = method, Topology = Topology.Matching, Apply = ApplyForm.Delta, ExchangeEvery = 50, Outer = new() },
        "sparta" => new() { Method = method, Subset = 0.005 },
        _ => throw new ArgumentException($"No method is named '{method}'; there are {string.Join(", ", Names)}.", nameof(method)),
    };
}
