using Dpwa.Protocol;

namespace Dpwa.Exchange;

/// <summary>Why an attempt on a peer failed, or a connection was ended.</summary>
public enum FailureKind
{
    /// <summary>It did not.</summary>
    None,

    /// <summary>No connection could be made.</summary>
    Unreachable,

    /// <summary>The peer closed or reset the connection.</summary>
    Closed,

    /// <summary>The connection ended in the middle of a message.</summary>
    Broken,

    /// <summary>Too little moved in the time allowed.</summary>
    TimedOut,

    /// <summary>What came is not our protocol, or not what was asked for.</summary>
    Protocol,

    /// <summary>The bytes were damaged on the way.</summary>
    Checksum,

    /// <summary>The parameters have a NaN or an infinity.</summary>
    NotFinite,

    /// <summary>The peer's clock, loss or weight cannot be used.</summary>
    BadState,

    /// <summary>The peer runs another model.</summary>
    OtherModel,

    /// <summary>The peer belongs to another cluster.</summary>
    OtherCluster,

    /// <summary>Another node listens at the peer's address.</summary>
    OtherNode,

    /// <summary>The snapshot is older than <c>max_staleness</c>.</summary>
    Stale,

    /// <summary>The peer has published nothing yet.</summary>
    NotReady,

    /// <summary>The peer cannot serve more at the moment.</summary>
    Busy,

    /// <summary>The peer said goodbye.</summary>
    Leaving,

    /// <summary>The peer's parameters cannot be read through shared memory, and the configuration allows nothing else.</summary>
    NotShared,

    /// <summary>One of the two sides has not proven to the other that it may be here: the failure's <see cref="Failure.Identity"/> says what is wrong.</summary>
    NotAuthenticated,
}

/// <summary>A failure and its words.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Text">A sentence for people.</param>
public readonly record struct Failure(FailureKind Kind, string Text)
{
    /// <summary>What is wrong with an identity, when that is the failure.</summary>
    public IdentityFault Identity { get; init; }

    /// <summary>Whether the peer sent something that an honest, working one does not send.</summary>
    public bool IsBadPayload => Kind is FailureKind.Protocol or FailureKind.Checksum or FailureKind.NotFinite or FailureKind.BadState;

    /// <summary>What the caller of <c>UpdateWait</c> is told when this was the last attempt.</summary>
    public UpdateOutcome Outcome => Kind switch
    {
        FailureKind.TimedOut => UpdateOutcome.TimedOut,
        FailureKind.None or FailureKind.Unreachable or FailureKind.NotReady or FailureKind.Busy or FailureKind.Leaving => UpdateOutcome.NoPeer,
        _ => UpdateOutcome.Rejected,
    };
}
