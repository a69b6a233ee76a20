namespace Dpwa.Peers.Topologies;

/// <summary>Who exchanges with whom, round by round: a pure function that every node computes alike, so that nothing has to be agreed on.</summary>
internal interface ISchedule
{
    /// <summary>The answer for a node that sits a round out.</summary>
    public const int Idle = -1;

    /// <summary>Whether partners have each other: <c>Partner(Partner(i)) = i</c>. If not, a node takes from one and gives to another.</summary>
    bool IsPaired { get; }

    /// <summary>The partner of one node.</summary>
    /// <param name="round">The number of the exchange, from 1.</param>
    /// <param name="self">The node's index among the members.</param>
    /// <param name="count">The number of members, greater than <paramref name="self"/>.</param>
    /// <returns>The partner's index, or <see cref="Idle"/>; an index ≥ <paramref name="count"/> where the schedule does not fit the number.</returns>
    int Partner(long round, int self, int count);
}
