using Dpwa.Protocol;

namespace Dpwa.Exchange;

/// <summary>What the driver of a node has to do.</summary>
public enum EffectKind : byte
{
    /// <summary>Open connection <see cref="Effect.Connection"/> to <see cref="Effect.Node"/>, then call <c>Connected</c> or <c>Closed</c>.</summary>
    Connect,

    /// <summary>Send <see cref="Effect.Message"/>, dispose its body, then call <c>Sent</c>.</summary>
    Send,

    /// <summary>Close the connection; with <see cref="Effect.Flush"/> what was given to send goes out first. No further event of it may come.</summary>
    Close,

    /// <summary>Open the shared memory that the body of <see cref="Effect.Message"/> describes, dispose the body, then call <c>Mapped</c>.</summary>
    Map,

    /// <summary>The answer to <c>UpdateWait</c> is there: the node's <c>Decision</c>.</summary>
    Decided,

    /// <summary>Something to count and perhaps to log: <see cref="Effect.Report"/>.</summary>
    Report,
}

/// <summary>One thing to do, in order.</summary>
public readonly record struct Effect(EffectKind Kind)
{
    /// <summary>The connection it is about.</summary>
    public long Connection { get; init; }

    /// <summary>Whom to connect to.</summary>
    public DpwaNode? Node { get; init; }

    /// <summary>What to send.</summary>
    public Message Message { get; init; }

    /// <summary>Whether to send what is waiting before closing.</summary>
    public bool Flush { get; init; }

    /// <summary>What to count and perhaps to log.</summary>
    public Report Report { get; init; }
}

/// <summary>The kinds of <see cref="Report"/>.</summary>
public enum ReportKind : byte
{
    /// <summary>A peer failed in a way that it had not failed in since its last success.</summary>
    PeerFailed,

    /// <summary>A peer that had failed was averaged with again.</summary>
    PeerRecovered,

    /// <summary>A peer said goodbye.</summary>
    PeerLeft,

    /// <summary>A peer's parameters were further away than allowed: less of them was mixed, or nothing.</summary>
    PeerTooFar,

    /// <summary>A peer is left alone for a time, because of what it sent.</summary>
    PeerQuarantined,

    /// <summary>Somebody who connected here was turned away.</summary>
    ClientRejected,

    /// <summary>The factor method gave no usable factor.</summary>
    FactorFailed,

    /// <summary>A swap was applied by one of the two only.</summary>
    OneSidedSwap,
}

/// <summary>Something to count and perhaps to log.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Peer">The peer, or whoever connected.</param>
/// <param name="Failure">Why.</param>
/// <param name="IsNews">Whether it is worth a line in the log, or was there before and is only counted.</param>
public readonly record struct Report(ReportKind Kind, string Peer, Failure Failure, bool IsNews);
