namespace Dpwa.Peers.Topologies;

/// <summary>The edges of a hypercube, one dimension a round: i and i XOR 2^k, k = t mod ⌈log2 N⌉. N is a power of two; where members have come or gone, some have no partner.</summary>
internal sealed class HypercubeSchedule : ISchedule
{
    public bool IsPaired => true;

    public int Partner(long round, int self, int count) =>
        count == 1 ? ISchedule.Idle : self ^ (1 << (int)(round % Schedules.Dimensions(count)));
}
