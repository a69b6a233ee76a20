using System.Net;

namespace Dpwa.Launch.Probe;

/// <summary>Asks one address of a node whether somebody is there.</summary>
public interface INodeProbe
{
    /// <summary>Asks; never throws for what the network does.</summary>
    /// <param name="node">The node that is expected there.</param>
    /// <param name="endpoint">Where.</param>
    /// <param name="ct">Gives up.</param>
    Task<ProbeResult> ProbeAsync(DpwaNode node, IPEndPoint endpoint, CancellationToken ct);
}

/// <summary>What a probe found.</summary>
public enum ProbeOutcome
{
    /// <summary>Somebody listens.</summary>
    Listening,

    /// <summary>The machine answers, and nobody listens on the port.</summary>
    Refused,

    /// <summary>Nothing answers in time.</summary>
    TimedOut,

    /// <summary>There is no way to the machine.</summary>
    Unreachable,
}

/// <summary>What a probe found.</summary>
/// <param name="Outcome">In a word.</param>
/// <param name="Detail">More, to be shown as it is, or null.</param>
public sealed record ProbeResult(ProbeOutcome Outcome, string? Detail = null);
