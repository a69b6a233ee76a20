using System.Numerics;
using Dpwa.Protocol;

namespace Dpwa.Peers.Topologies;

/// <summary>The schedules that a configuration can name.</summary>
internal static class Schedules
{
    /// <summary>The schedule of a topology, or null: on <c>random</c> and <c>graph</c> each node draws for itself.</summary>
    public static ISchedule? Of(DpwaOptions options) => options.Topology switch
    {
        Topology.Matching => new MatchingSchedule(options.Seed ?? 0, MessageHeader.IdOf(options.Cluster)),
        Topology.Ring => new RingSchedule(),
        Topology.Exponential => new ExponentialSchedule(),
        Topology.Hypercube => new HypercubeSchedule(),
        _ => null,
    };

    /// <summary>⌈log2 N⌉: as many rounds it takes at least until everybody has heard, directly or not, of everybody; from 1.</summary>
    public static int Dimensions(int count) => Math.Max(1, BitOperations.Log2((uint)Math.Max(1, count - 1)) + 1);
}
