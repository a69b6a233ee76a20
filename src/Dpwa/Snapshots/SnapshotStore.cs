namespace Dpwa.Snapshots;

/// <summary>
/// The memory of what a node publishes: at most four snapshots: one published, one to write next, and two more that take memory only once somebody still holds another: a reader that is
/// slow, and a peer that joins late. Only the training thread calls it.
/// </summary>
public sealed class SnapshotStore : IDisposable
{
    /// <summary>How many snapshots a node has at most.</summary>
    internal const int Count = 4;

    private readonly ParameterLayout _layout;
    private readonly ISnapshotMemory? _memory;
    private readonly Snapshot?[] _snapshots = new Snapshot[Count];
    private Snapshot? _published;

    /// <summary>Snapshots of this layout in memory of their own.</summary>
    public SnapshotStore(ParameterLayout layout)
        : this(layout, memory: null)
    {
    }

    internal SnapshotStore(ParameterLayout layout, ISnapshotMemory? memory) => (_layout, _memory) = (layout, memory);

    /// <summary>A snapshot to write into, or null when readers hold all others: then this step publishes nothing.</summary>
    public Snapshot? TryWrite()
    {
        for (int i = 0; i < _snapshots.Length; i++)
        {
            Snapshot? snapshot = _snapshots[i] ??= New(i);
            if (snapshot is not null && snapshot != _published && !snapshot.IsLeased)
                return snapshot;
        }

        return null;
    }

    /// <summary>From now on this one is published, and the former one may be written once its readers are gone.</summary>
    public void Published(Snapshot snapshot)
    {
        _published = snapshot;
        _memory?.Publish(Array.IndexOf(_snapshots, snapshot), snapshot);
    }

    /// <summary>Gives back memory that is not the garbage collector's, unless a reader of this process still holds some: then it stays until
    /// the process ends. Nothing may be written any more.</summary>
    public void Dispose()
    {
        if (!_snapshots.Any(s => s is { IsLeasedHere: true }))
            _memory?.Dispose();
    }

    private Snapshot? New(int index)
    {
        if (_memory is null)
            return new Snapshot(_layout);
        return _memory.TryAllocate(index) is { } buffer ? new Snapshot(_layout, buffer, _memory, index) : null;
    }
}
