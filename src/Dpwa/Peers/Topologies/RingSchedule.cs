namespace Dpwa.Peers.Topologies;

/// <summary>
/// Alternating pairs of neighbours on a ring: t–t+1, t+2–t+3, … mod N in round t. N even: 0–1, 2–3, … in even rounds and 1–2, …, N−1–0 in odd ones. N odd: t−1 is left over and
/// idles; the gap moves on by one each round, so that no link of the ring is left out for good.
/// </summary>
internal sealed class RingSchedule : ISchedule
{
    public bool IsPaired => true;

    public int Partner(long round, int self, int count)
    {
        int start = (int)(round % count);
        int place = self >= start ? self - start : self - start + count;
        if (place % 2 == 1)
            return self == 0 ? count - 1 : self - 1;
        return place == count - 1 ? ISchedule.Idle : self == count - 1 ? 0 : self + 1;
    }
}
