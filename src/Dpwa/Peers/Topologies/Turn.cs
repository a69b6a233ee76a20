namespace Dpwa.Peers.Topologies;

/// <summary>What the schedule has for one node in one round.</summary>
/// <param name="Kind">In a word.</param>
/// <param name="Partner">The scheduled partner's index among the members; −1 when there is none.</param>
internal readonly record struct Turn(TurnKind Kind, int Partner)
{
    /// <summary>The turn of a node.</summary>
    /// <param name="schedule">The schedule; null where every node draws for itself.</param>
    /// <param name="round">The number of the exchange, from 1.</param>
    /// <param name="self">The node's index among the members; −1 when it is none of them.</param>
    /// <param name="count">The number of members.</param>
    public static Turn Of(ISchedule? schedule, long round, int self, int count)
    {
        if (schedule is null || self < 0)
            return new(TurnKind.Free, -1);
        int partner = schedule.Partner(round, self, count);
        if (partner == ISchedule.Idle)
            return new(TurnKind.Idle, -1);

        // Members have come or gone since the topology was chosen.
        if (partner >= count)
            return new(TurnKind.Free, -1);
        return new(schedule.IsPaired && partner < self ? TurnKind.Answer : TurnKind.Ask, partner);
    }
}

/// <summary>What a node does in a round by the schedule.</summary>
internal enum TurnKind
{
    /// <summary>Nothing is scheduled for it: it draws.</summary>
    Free,

    /// <summary>It sits this round out.</summary>
    Idle,

    /// <summary>It asks its partner.</summary>
    Ask,

    /// <summary>Its partner has the smaller index and, where one exchange serves both (swap), is the one that asks. A pull is each one's own.</summary>
    Answer,
}
