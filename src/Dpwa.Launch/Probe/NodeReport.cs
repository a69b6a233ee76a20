using System.Net;

namespace Dpwa.Launch.Probe;

/// <summary>What is known of a node.</summary>
public enum NodeState
{
    /// <summary>Somebody listens at its address.</summary>
    Listening,

    /// <summary>Its machine answers and nobody listens: it was not started yet.</summary>
    NotRunning,

    /// <summary>Its port is chosen when it starts (port 0).</summary>
    NoPort,

    /// <summary>Its host is not known.</summary>
    Unresolved,

    /// <summary>Nothing answers in time.</summary>
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
    /// <summary>Whether something is wrong with it; a node that was not started yet is not.</summary>
    public bool IsProblem => State is NodeState.Unresolved or NodeState.TimedOut or NodeState.Unreachable or NodeState.CannotListen;
}
