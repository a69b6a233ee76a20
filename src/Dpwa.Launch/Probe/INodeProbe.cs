using System.Net;
using Dpwa.Exchange;

namespace Dpwa.Launch.Probe;

/// <summary>Asks one address of a node who is there.</summary>
public interface INodeProbe
{
    /// <summary>Asks; never throws for what the network does.</summary>
    /// <param name="node">The node that is expected there.</param>
    /// <param name="endpoint">Where.</param>
    /// <param name="ct">Gives up.</param>
    Task<ProbeResult> ProbeAsync(DpwaNode node, IPEndPoint endpoint, CancellationToken ct);
}

/// <summary>What a probe found, the best first: of a host's several addresses the best counts.</summary>
public enum ProbeOutcome
{
    /// <summary>The node answers.</summary>
    Running,

    /// <summary>Somebody answers, or hangs up, who is not this node of this cluster.</summary>
    Stranger,

    /// <summary>Somebody accepts the connection and does not answer in time.</summary>
    Silent,

    /// <summary>The machine answers, and nobody listens on the port.</summary>
    Refused,

    /// <summary>Nothing answers in time, not even the machine.</summary>
    TimedOut,

    /// <summary>There is no way to the machine.</summary>
    Unreachable,
}

/// <summary>What a probe found.</summary>
/// <param name="Outcome">In a word.</param>
public sealed record ProbeResult(ProbeOutcome Outcome)
{
    /// <summary>What the node said of itself; null unless it is running.</summary>
    public NodeGreeting? Greeting { get; init; }

    /// <summary>What went wrong; null when nothing did, or the outcome says it all.</summary>
    public Failure? Failure { get; init; }
}
