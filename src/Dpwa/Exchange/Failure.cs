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

    /// <summary>Whether the peer is simply not there, in one way or another: of a peer that is gone, one is news and the next are not.</summary>
    public bool IsAway => Kind is FailureKind.Unreachable or FailureKind.Closed or FailureKind.Broken or FailureKind.TimedOut or FailureKind.Leaving;

    /// <summary>What to do about it, in words; empty where <see cref="Text"/> says it.</summary>
    public string Advice => Kind switch
    {
        FailureKind.Unreachable => "see that it runs, and that nothing between the two machines blocks its port ('dpwa check' tries); it is asked again by itself",
        FailureKind.Closed => "it was stopped, or has crashed: its log may say why; it is asked again by itself",
        FailureKind.Broken => "its process or the network broke off: if it goes on, see its log and the link; it is asked again by itself",
        FailureKind.TimedOut => "see whether it hangs, or its machine or the link is overloaded ('dpwa check' measures); if it is only slow, raise 'timeout_ms'",
        FailureKind.Protocol => "install the same version of Dpwa on all nodes, and see that no other program listens there",
        FailureKind.Checksum => "memory or a link on the way damages data: if it goes on, test that machine's memory and its network",
        FailureKind.NotFinite => "its training has diverged: see its loss, and lower its learning rate",
        FailureKind.BadState => "its training has diverged, or it gives UpdateSend what is no loss: see its loss there",
        FailureKind.OtherModel => "build the same model, with the same filters and settings of what is published, in every worker",
        FailureKind.OtherCluster => "give all nodes of one cluster the same 'cluster', and nodes of different ones different ports",
        FailureKind.OtherNode => "use one configuration for all nodes, and see which one was started there",
        FailureKind.Stale => "see whether it still trains; if it is only slow, raise 'max_staleness'",
        FailureKind.NotReady => "nothing is wrong if it has just started: it publishes with its first UpdateSend; else see whether its values are finite",
        FailureKind.Busy => "nothing is wrong: it serves others; if it happens often, raise 'max_serves' there",
        FailureKind.Leaving => "nothing is wrong if it was meant to end; else start it again, and it is asked again by itself",
        FailureKind.NotShared => "'transport: auto' fetches over TCP where shared memory cannot be used",
        _ => "",
    };

    /// <summary>What happened and what to do, for who sees it once.</summary>
    public string Sentence => Advice.Length == 0 ? Text : $"{Text}; {Advice}";

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
