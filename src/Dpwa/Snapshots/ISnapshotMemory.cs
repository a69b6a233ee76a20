namespace Dpwa.Snapshots;

/// <summary>Where the snapshots of one node live, when others may read them there without this node's help.</summary>
internal interface ISnapshotMemory : IDisposable
{
    /// <summary>Memory for snapshot <paramref name="index"/>; null when there is no more.</summary>
    PayloadBuffer? TryAllocate(int index);

    /// <summary>Whether somebody reads snapshot <paramref name="index"/>. Once it is not published, that can only end.</summary>
    bool IsRead(int index);

    /// <summary>From now on readers find this snapshot.</summary>
    void Publish(int index, Snapshot snapshot);

    /// <summary>Until <see cref="Unpin"/>, readers who ask for this snapshot find it too, whatever is published. It is, or is about to be, the published one.</summary>
    void Pin(int index, Snapshot snapshot);

    /// <summary>Ends that.</summary>
    void Unpin();
}
