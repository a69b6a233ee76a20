namespace Dpwa.Dashboard.Storage;

/// <summary>What kind of a line of the event log it is.</summary>
public enum EventKind
{
    /// <summary>A node answers for the first time, or in another life.</summary>
    Started,

    /// <summary>A node answers again, or averages again.</summary>
    Recovered,

    /// <summary>A node has said goodbye.</summary>
    Left,

    /// <summary>A node exchanges in vain.</summary>
    Failing,

    /// <summary>A node does not answer any more.</summary>
    Silent,
}

/// <summary>A line of the event log.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="T">Seconds since the run began.</param>
/// <param name="Node">Which node it is about.</param>
/// <param name="Kind">What kind of line.</param>
/// <param name="Text">What happened, in words.</param>
public sealed record RunEvent(DateTimeOffset At, double T, string Node, EventKind Kind, string Text);
