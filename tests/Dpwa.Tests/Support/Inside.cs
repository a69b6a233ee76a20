using System.Runtime.CompilerServices;
using Dpwa.Averaging;
using Dpwa.Runtime;
using Dpwa.Snapshots;

namespace Dpwa.Tests.Support;

/// <summary>What a test may look at inside a connection, without a door in the product.</summary>
internal static class Inside
{
    /// <summary>Whether any reader still holds a published or formerly published snapshot.</summary>
    public static bool HoldsLeases(DpwaConnection connection) => Leased(connection) > 0;

    /// <summary>How many of a node's snapshots readers hold.</summary>
    public static int Leased(DpwaConnection connection) =>
        StoreOf(connection) is { } store ? SnapshotsOf(store).Count(s => s is { IsLeased: true }) : 0;

    /// <summary>The connections whose loops have not ended.</summary>
    public static int Running(DpwaConnection connection)
    {
        NodeRuntime runtime = RuntimeOf(connection);
        lock (GateOf(runtime))
            return RunningOf(runtime).Count;
    }

    /// <summary>The connections that the node counts as open.</summary>
    public static int Open(DpwaConnection connection)
    {
        NodeRuntime runtime = RuntimeOf(connection);
        lock (GateOf(runtime))
            return OpenOf(runtime).Count;
    }

    /// <summary>Bytes received on the connections that are open.</summary>
    public static long Received(DpwaConnection connection)
    {
        NodeRuntime runtime = RuntimeOf(connection);
        lock (GateOf(runtime))
            return OpenOf(runtime).Values.Sum(p => p.Received);
    }

    /// <summary>Whether what the node serves is what its store takes for published, and will not write.</summary>
    public static bool ServesWhatIsKept(DpwaConnection connection)
    {
        NodeRuntime runtime = RuntimeOf(connection);
        lock (GateOf(runtime))
            return ReferenceEquals(NodeOf(runtime).Published, PublishedOf(StoreOf(connection)!));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_node")]
    private static extern ref GossipNode NodeOf(NodeRuntime runtime);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_published")]
    private static extern ref Snapshot? PublishedOf(SnapshotStore store);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_store")]
    private static extern ref SnapshotStore? StoreOf(DpwaConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_runtime")]
    private static extern ref NodeRuntime RuntimeOf(DpwaConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_snapshots")]
    private static extern ref Snapshot?[] SnapshotsOf(SnapshotStore store);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_gate")]
    private static extern ref Lock GateOf(NodeRuntime runtime);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_running")]
    private static extern ref HashSet<ConnectionPump> RunningOf(NodeRuntime runtime);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_open")]
    private static extern ref Dictionary<long, ConnectionPump> OpenOf(NodeRuntime runtime);
}
