using Dpwa.Protocol;

namespace Dpwa.Averaging;

/// <summary>What a node has decided about one <c>UpdateWait</c>.</summary>
/// <param name="Outcome">What happened.</param>
/// <param name="Peer">The peer of the exchange or of its last attempt; null when none was asked.</param>
/// <param name="Factor">The factor to mix with; 0 unless averaged.</param>
/// <param name="PeerClock">The peer's clock.</param>
/// <param name="PeerLoss">The peer's loss.</param>
/// <param name="Payload">What to mix, leased: whoever reads the decision disposes it. Null unless averaged.</param>
/// <param name="Own">My snapshot for the delta form; null in the parameters form, and when it has been used already: the same difference applied again
/// and again would not contract but run away, so a step that published nothing is mixed in the convex form.</param>
/// <param name="Reason">Why nothing is mixed, in words.</param>
public readonly record struct Decision(
    UpdateOutcome Outcome, string? Peer, double Factor, double PeerClock, double PeerLoss, IPayload? Payload, IPayload? Own, string? Reason)
{
    /// <summary>How <see cref="Payload"/> is encoded.</summary>
    public PayloadCodec Codec { get; init; }

    /// <summary>The peer's round in which <see cref="Payload"/> was published, as it says: any number.</summary>
    public ulong Round { get; init; }

    /// <summary>The time from the request to the last verified byte.</summary>
    public TimeSpan Transfer { get; init; }
}
