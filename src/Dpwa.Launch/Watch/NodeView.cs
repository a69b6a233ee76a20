using Dpwa.Exchange;

namespace Dpwa.Launch.Watch;

/// <summary>How a node stands with who watches.</summary>
public enum WatchState
{
    /// <summary>It answered the last question.</summary>
    Running,

    /// <summary>It did not answer the last question: it is down, cut off, suspended, or was not started yet. <see cref="NodeView.Failure"/> says more.</summary>
    NotAnswering,

    /// <summary>It does not answer, and has said goodbye to a node that does.</summary>
    Left,
}

/// <summary>What is known of one node after a round of questions.</summary>
/// <param name="Node">The node, as the configuration has it.</param>
/// <param name="State">How it stands.</param>
/// <param name="Since">When the first question was that found it so, in this and all rounds since; by the asker's clock, UTC.</param>
public sealed record NodeView(DpwaNode Node, WatchState State, DateTimeOffset Since)
{
    /// <summary>Its last answer, of this round when it is running; null when it has never answered.</summary>
    public NodeStatus? Status { get; init; }

    /// <summary>When that came, by the asker's clock, UTC.</summary>
    public DateTimeOffset? AnsweredAt { get; init; }

    /// <summary>Why there was no answer in this round; null when there was one.</summary>
    public Failure? Failure { get; init; }

    /// <summary>The exchanges that this round brought and none before; those that it did not bring are lost when a node makes more than 512 between two questions.</summary>
    public IReadOnlyList<ExchangeRecord> News { get; init; } = [];

    /// <summary>The last step of its present life that exchanged with nobody though it was to; null when each has.</summary>
    public ExchangeRecord? LastFailure { get; init; }

    /// <summary>How long the last answer took, from the question on; the first in a while has the connection in it.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>By how much its clock was ahead of the asker's at the last answer: that of the middle between question and answer, so it is wrong by half of <see cref="RoundTrip"/> at most.</summary>
    public TimeSpan? ClockOffset { get; init; }

    /// <summary>Steps per second; null while it does not answer, and before there is something to tell it by. Over the last four steps or three seconds, whichever takes longer, and a minute at most.</summary>
    public double? StepsPerSecond { get; init; }

    /// <summary>Samples per second, over the same time; null where the node is not told of samples.</summary>
    public double? SamplesPerSecond { get; init; }

    /// <summary>Payload bytes per second that it receives, over the same time; null before the second answer.</summary>
    public double? BytesInPerSecond { get; init; }

    /// <summary>Payload bytes per second that it sends, over the same time; null before the second answer.</summary>
    public double? BytesOutPerSecond { get; init; }

    /// <summary>Payload bytes that it has received in its present life; null when it has never answered.</summary>
    public long? BytesIn => Status?.Peers.Sum(peer => peer.BytesReceived);

    /// <summary>Payload bytes that it has sent in its present life; null when it has never answered.</summary>
    public long? BytesOut => Status?.Peers.Sum(peer => peer.BytesSent);

    /// <summary>Its flow-control score, in [10, 1000], as others see it: the mean over those that answer and know it; null when there is none.</summary>
    public double? Score { get; init; }
}
