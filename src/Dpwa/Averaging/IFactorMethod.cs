namespace Dpwa.Averaging;

/// <summary>What a factor method may look at: both sides of the exchange.</summary>
/// <param name="Clock">My clock c_i.</param>
/// <param name="PeerClock">The peer's clock c_j, as it travelled with its parameters.</param>
/// <param name="Loss">My loss l_i at <c>UpdateWait</c>.</param>
/// <param name="PeerLoss">The peer's loss l_j.</param>
public readonly record struct FactorContext(double Clock, double PeerClock, double Loss, double PeerLoss);

/// <summary>How much of the peer is mixed in (the original's <c>interpolation</c>).</summary>
public interface IFactorMethod
{
    /// <summary>The name that <c>interpolation</c> gives in a configuration.</summary>
    string Name { get; }

    /// <summary>Whether the losses matter. If so, a negative or non-finite one rejects the exchange or, if my own, is refused.</summary>
    bool UsesLoss { get; }

    /// <summary>The factor a in [0, 1]; anything else rejects the exchange. Must be pure and fast: it runs in the node's state machine.</summary>
    double Factor(in FactorContext context);
}
