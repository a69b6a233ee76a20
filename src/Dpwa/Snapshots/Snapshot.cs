using Dpwa.Protocol;

namespace Dpwa.Snapshots;

/// <summary>
/// The parameters of one moment, as they are published. Readers hold leases; while there is one, nobody writes here.
/// </summary>
public sealed class Snapshot : IPayload
{
    private readonly PayloadBuffer _buffer;
    private readonly ISnapshotMemory? _memory;
    private readonly int _index;
    private int _leases;

    /// <summary>An empty snapshot with memory for this layout.</summary>
    public Snapshot(ParameterLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        Layout = layout;
        _buffer = new PayloadBuffer(layout.PayloadLength);
    }

    internal Snapshot(ParameterLayout layout, PayloadBuffer buffer, ISnapshotMemory memory, int index) =>
        (Layout, _buffer, _memory, _index) = (layout, buffer, memory, index);

    /// <summary>What is in it.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>Counts what this node has published.</summary>
    public ulong Sequence { get; internal set; }

    /// <summary>The clock when it was published.</summary>
    public double Clock { get; internal set; }

    /// <summary>The loss when it was published.</summary>
    public double Loss { get; internal set; }

    /// <summary>The number of the step that it was written for. What it holds may depend on that, so who writes it sets it.</summary>
    public ulong Round { get; internal set; }

    /// <summary>When it was published, on the node's clock.</summary>
    public TimeSpan PublishedAt { get; internal set; }

    /// <inheritdoc/>
    public long Length => _buffer.Length;

    /// <summary>Whether a reader holds it.</summary>
    public bool IsLeased => IsLeasedHere || (_memory?.IsRead(_index) ?? false);

    /// <summary>Whether a reader of this process holds it.</summary>
    internal bool IsLeasedHere => Volatile.Read(ref _leases) > 0;

    /// <summary>Whether others of this host may read it in place.</summary>
    public bool IsShared => _memory is not null;

    /// <inheritdoc/>
    public Memory<byte> Segment(int index) => _buffer.Segment(index);

    /// <summary>Takes a lease. Only the published snapshot is leased, and only by its node, so a lease never races with a writer.</summary>
    public Snapshot Lease()
    {
        Interlocked.Increment(ref _leases);
        return this;
    }

    /// <summary>Takes a lease under which readers of this host find this snapshot too, although it may not be the published one any more. One of a node at a time.</summary>
    internal void Pin()
    {
        Lease();
        _memory?.Pin(_index, this);
    }

    /// <summary>Ends it.</summary>
    internal void Unpin()
    {
        // In this order: who comes to write there must already be refused to new readers.
        _memory?.Unpin();
        Dispose();
    }

    /// <summary>Ends a lease.</summary>
    public void Dispose()
    {
        int left = Interlocked.Decrement(ref _leases);
        if (left < 0)
            throw new InvalidOperationException("a lease was given back twice");
    }
}
