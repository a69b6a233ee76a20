namespace Dpwa.Snapshots;

/// <summary>
/// The memory of what a node publishes: two snapshots, one published and one to write next. Only the training thread calls it.
/// </summary>
public sealed class SnapshotStore(ParameterLayout layout)
{
    private readonly Snapshot[] _snapshots = new Snapshot[2];
    private Snapshot? _published;

    /// <summary>A snapshot to write into, or null when a reader still holds the only other one: then this step publishes nothing.</summary>
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
