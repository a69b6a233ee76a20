using Dpwa.Data;

namespace Dpwa.Peers.Topologies;

/// <summary>
/// A random perfect matching a round: π_t(0)–π_t(1), π_t(2)–π_t(3), …, with π_t a <see cref="KeyedPermutation"/> that seed, cluster and round choose. A node finds
/// its place by the inverse and needs no table. Of an odd number, the last place idles.
/// </summary>
internal sealed class MatchingSchedule(long seed, ulong cluster) : ISchedule
{
    public bool IsPaired => true;

    public int Partner(long round, int self, int count)
    {
        var places = new KeyedPermutation(count, KeyedPermutation.Key(seed, unchecked((long)cluster), round));
        long opposite = places.IndexOf(self) ^ 1;
        return opposite < count ? (int)places[opposite] : ISchedule.Idle;
    }
}
