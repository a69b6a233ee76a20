namespace Dpwa.Peers.Topologies;

/// <summary>
/// The one-peer exponential graph: i takes from i + 2^k mod N, k = t mod ⌈log2 N⌉ (Ying et al., "Exponential graph is provably efficient for
/// decentralized deep training", arXiv 2110.13363). Directed: who i takes from takes from another.
/// </summary>
internal sealed class ExponentialSchedule : ISchedule
{
    public bool IsPaired => false;

    public int Partner(long round, int self, int count) =>
        count == 1 ? ISchedule.Idle : (int)((self + (1L << (int)(round % Schedules.Dimensions(count)))) % count);
}
