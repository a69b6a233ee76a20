namespace Dpwa.Snapshots;

/// <summary>
/// The memory of what a node publishes: at most three snapshots: one published, one to write next, and one more that takes memory only
/// once a reader is so slow that it still holds another. Only the training thread calls it.
/// </summary>
public sealed class SnapshotStore(ParameterLayout layout)
{
    private readonly Snapshot[] _snapshots = new Snapshot[3];
    private Snapshot? _published;

    /// <summary>A snapshot to write into, or null when readers hold all others: then this step publishes nothing.</summary>
    public Snapshot? TryWrite()
    {
        for (int i = 0; i < _snapshots.Length; i++)
        {
            Snapshot snapshot = _snapshots[i] ??= new Snapshot(layout);
            if (snapshot != _published && !snapshot.IsLeased)
                return snapshot;
        }

        return null;
    }

    /// <summary>From now on this one is published, and the former one may be written once its readers are gone.</summary>
    public void Published(Snapshot snapshot) => _published = snapshot;
}
