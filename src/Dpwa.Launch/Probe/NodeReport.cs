using System.Net;
using Dpwa.Exchange;

namespace Dpwa.Launch.Probe;

/// <summary>What is known of a node.</summary>
public enum NodeState
{
    /// <summary>It answers.</summary>
    Running,

    /// <summary>It answers, and runs another model than most of the others, which will refuse to average with it.</summary>
    OtherModel,

    /// <summary>Somebody listens at its address who is not this node of this cluster.</summary>
    Stranger,

    /// <summary>Its machine answers and nobody listens: it was not started yet.</summary>
    NotRunning,

    /// <summary>Its port is chosen when it starts (port 0).</summary>
    NoPort,

    /// <summary>Its host is not known.</summary>
    Unresolved,

    /// <summary>It does not answer in time.</summary>
    TimedOut,

    /// <summary>There is no way to its machine.</summary>
    Unreachable,

    /// <summary>It is a node of this machine that will not be able to listen.</summary>
    CannotListen,
}

/// <summary>What a check found of one node.</summary>
/// <param name="Node">The node.</param>
/// <param name="State">In a word.</param>
/// <param name="Addresses">What its host resolves to.</param>
/// <param name="IsLocal">Whether that is this machine.</param>
/// <param name="Advice">What is to be done or to be known, one sentence each.</param>
public sealed record NodeReport(DpwaNode Node, NodeState State, IReadOnlyList<IPAddress> Addresses, bool IsLocal, IReadOnlyList<string> Advice)
{
    /// <summary>Where others reach it, as <c>host:port</c>; an address with colons (IPv6) in brackets.</summary>
    public string Place => PlaceOf(Node);

    /// <summary>What it said of itself; null unless it answers.</summary>
    public NodeGreeting? Greeting { get; init; }

    /// <summary>Whether something is wrong with it; a node that was not started yet is not.</summary>
    public bool IsProblem => State is not (NodeState.Running or NodeState.NotRunning or NodeState.NoPort);

    internal static string PlaceOf(DpwaNode node) => $"{(node.Host.Contains(':', StringComparison.Ordinal) ? $"[{node.Host}]" : node.Host)}:{node.Port}";
}
