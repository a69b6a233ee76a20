namespace Dpwa;

/// <summary>What one <c>UpdateWait</c> did.</summary>
public enum UpdateOutcome
{
    /// <summary>A peer's parameters were mixed in.</summary>
    Averaged,

    /// <summary>Nothing was being fetched: no <c>UpdateSend</c> came before, or this step was not drawn (<c>fetch_probability</c>).</summary>
    NotFetching,

    /// <summary>No peer could be asked: there is none, or all are down or waiting to be retried.</summary>
    NoPeer,

    /// <summary>No answer came within the exchange deadline.</summary>
    TimedOut,

    /// <summary>What came could not be used (another model, not finite, damaged, too old); the parameters are unchanged.</summary>
    Rejected,

    /// <summary>The fetch is still under way, and <see cref="LateFetch.Skip"/> says not to wait for it: what it brings is mixed by the first <c>UpdateWait</c> that finds it here.</summary>
    Late,
}

/// <summary>The result of <c>UpdateWait</c>.</summary>
/// <param name="Outcome">What happened. Parameters changed only on <see cref="UpdateOutcome.Averaged"/>.</param>
/// <param name="Peer">The peer of the exchange, or of its last attempt; null when none was asked.</param>
/// <param name="Factor">The mixing factor a in [0, 1]: <c>x ← (1−a)·x + a·peer</c>; 0 when nothing was mixed.</param>
/// <param name="PeerClock">The clock that travelled with the peer's parameters.</param>
/// <param name="PeerLoss">The loss that travelled with the peer's parameters.</param>
/// <param name="Bytes">Payload bytes received.</param>
/// <param name="Waited">How long the calling thread was held, mixing included.</param>
public readonly record struct UpdateResult(
    UpdateOutcome Outcome, string? Peer, double Factor, double PeerClock, double PeerLoss, long Bytes, TimeSpan Waited)
{
    /// <summary>Why nothing was mixed, in words; null after <see cref="UpdateOutcome.Averaged"/> of an own exchange and <see cref="UpdateOutcome.NotFetching"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>The time from the request for the peer's parameters to their last verified byte; zero through shared memory.</summary>
    public TimeSpan Transfer { get; init; }

    /// <summary>How old the peer's parameters were when they were mixed, at most: their age when the peer sent them, as it says, and all the time since they were asked for.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>How far the peer's parameters were from mine (Euclidean norm of the difference), measured only with <see cref="DpwaOptions.MaxDeltaNorm"/>: to choose that limit by.</summary>
    public double? DeltaNorm { get; init; }

    /// <summary>What a peer pushed, or gave in a swap that it asked for, and was mixed too; null when there was none. When nothing else was mixed the
    /// result's own figures are these.</summary>
    public IncomingResult? Incoming { get; init; }
}

/// <summary>What a peer began and this node mixed.</summary>
/// <param name="Peer">Its name.</param>
/// <param name="Factor">The factor a in [0, 1].</param>
/// <param name="PeerClock">The clock that travelled with its parameters.</param>
/// <param name="PeerLoss">The loss that travelled with its parameters.</param>
/// <param name="Bytes">Payload bytes received.</param>
public readonly record struct IncomingResult(string Peer, double Factor, double PeerClock, double PeerLoss, long Bytes);

/// <summary>The result of <c>FinalMerge</c>.</summary>
/// <param name="Merged">How many other workers' last parameters are in the mean, each with the same share as this one's.</param>
/// <param name="Missing">Those that are not: they had left, could not be reached, or did not finish in time.</param>
public sealed record MergeResult(int Merged, IReadOnlyList<string> Missing);

/// <summary>The result of <c>Bootstrap</c>.</summary>
/// <param name="Peer">Whose model was taken over; null when there was none to take.</param>
/// <param name="Clock">The clock that came with it, this worker's from now on.</param>
/// <param name="Round">The round in which it was published, this worker's from now on.</param>
/// <param name="Bytes">Bytes of it.</param>
/// <param name="Waited">How long the calling thread was held.</param>
/// <param name="Reason">Why there was none, in words; else null.</param>
public readonly record struct BootstrapResult(string? Peer, double Clock, long Round, long Bytes, TimeSpan Waited, string? Reason)
{
    /// <summary>Whether a peer's model was taken over. Else the parameters are as they were.</summary>
    public bool HasModel => Peer is not null;
}
