namespace Dpwa.Peers.Topologies;

/// <summary>The scheduled partner, or, where it may not be asked now, one drawn by score. In a local step nothing is drawn, so the schedule counts exchanges.</summary>
internal sealed class ScheduledSelector(ISchedule schedule, int every) : IPeerSelector
{
    public string Name => "scheduled";

    public int Select(IPeerCandidates candidates)
    {
        Turn turn = Turn.Of(schedule, candidates.Round / every, candidates.Self, candidates.MemberCount);
        if (turn.Kind == TurnKind.Idle)
            return -1;
        int partner = turn.Partner < 0 ? -1 : candidates.PeerAt(turn.Partner);
        return partner >= 0 && candidates.IsEligible(partner) ? partner : candidates.DrawByScore();
    }
}
