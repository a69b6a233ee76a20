namespace Dpwa;

/// <summary>How a peer stands with this node.</summary>
public enum PeerState
{
    /// <summary>It may be drawn.</summary>
    Available,

    /// <summary>It failed and is retried later, with exponential back-off and jitter.</summary>
    BackingOff,

    /// <summary>It said goodbye; it is asked again once it is heard of, or after a long back-off.</summary>
    Left,

    /// <summary>It sent bad payloads, and is left alone for a time (<see cref="DpwaOptions.Quarantine"/>).</summary>
    Quarantined,
}

/// <summary>What this node knows of a peer.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Endpoint">Its host and port.</param>
/// <param name="Score">Its flow-control score in [10, 1000].</param>
/// <param name="State">Whether it may be drawn.</param>
/// <param name="LastError">Why the last failed exchange with it failed, in words; null when none has since the last success.</param>
/// <param name="BytesReceived">Payload bytes fetched from it.</param>
/// <param name="BytesSent">Payload bytes that it fetched from here.</param>
/// <param name="Exchanges">Exchanges with it that delivered its parameters.</param>
/// <param name="Failures">Attempts on it that failed.</param>
public sealed record PeerStatus(
    string Name, string Endpoint, double Score, PeerState State, string? LastError, long BytesReceived, long BytesSent, long Exchanges, long Failures)
{
    /// <summary>What it sent that was bad: damaged, not finite, against the protocol, or refused for its distance (<see cref="DpwaOptions.MaxDeltaNorm"/>).</summary>
    public long BadPayloads { get; init; }

    /// <summary>What it sent that was so far away that less of it was mixed (<see cref="DpwaOptions.MaxDeltaNorm"/>).</summary>
    public long Clipped { get; init; }

    /// <summary>How long it takes from a request to the first of its answer, smoothed as TCP does (RFC 6298); null before its first answer, and while it is only read in shared memory.
    /// It is waited for that long, plus a second or four times the mean deviation, and never longer than <see cref="DpwaOptions.Timeout"/>.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>Bytes per second with which its parameters arrive, smoothed; null before the first of 64 KiB or more over a connection. They may take four times as long.</summary>
    public double? Throughput { get; init; }

    /// <summary>Payload bytes both ways.</summary>
    public long Bytes => BytesReceived + BytesSent;
}
