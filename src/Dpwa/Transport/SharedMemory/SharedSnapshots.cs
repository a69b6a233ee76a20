using System.Runtime.Versioning;
using System.Security.Cryptography;
using Dpwa.Snapshots;
using Microsoft.Win32.SafeHandles;

namespace Dpwa.Transport.SharedMemory;

/// <summary>
/// The snapshots of a node in memory that processes of the same user on the same host read in place, without the node's help. A reader says in its slot which
/// snapshot it holds and looks again whether that is still the published one; the publisher writes into a snapshot that is not published only after it has seen
/// that no slot names it. So nothing is overwritten under a reader. A slot belongs to a connection: when that ends because the reader is gone, it is free.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class SharedSnapshots : ISnapshotMemory
{
    private readonly ParameterLayout _layout;
    private readonly TimeProvider _time;
    private readonly SafeFileHandle _file;
    private readonly SharedMapping _mapping;
    private readonly Lock _gate = new();
    private readonly SharedGrant?[] _grants;
    private ulong _generations;
    private int _usedSlots;

    /// <summary>Takes memory for two snapshots; for each further one when it is needed.</summary>
    /// <exception cref="IOException">The system does not give it; the message says why.</exception>
    public SharedSnapshots(ParameterLayout layout, int slots, TimeProvider time)
    {
        (_layout, _time) = (layout, time);
        slots = Math.Min(slots, SharedBoard.MostSlots);
        _grants = new SharedGrant?[slots];
        _file = Memfd.Create("dpwa", SharedMapping.LengthFor(layout, slots));
        try
        {
            Memfd.Reserve(_file, 0, SharedMapping.SnapshotOffset(layout, slots, 2));
            _mapping = new SharedMapping(_file, layout, slots);
        }
        catch
        {
            _file.Dispose();
            throw;
        }

        _mapping.Board.Nonce = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    }

    /// <inheritdoc/>
    public PayloadBuffer? TryAllocate(int index)
    {
        try
        {
            if (index >= 2)
                Memfd.Reserve(_file, SharedMapping.SnapshotOffset(_layout, _grants.Length, index), _layout.PayloadLength);
            return _mapping.Snapshot(index);
        }
        catch (IOException)
        {
            // Two are enough, but for steps in which a reader holds the one that is not published.
            return null;
        }
    }

    /// <inheritdoc/>
    public void Publish(int index, Snapshot snapshot)
    {
        Describe(index, snapshot);
        Volatile.Write(ref _mapping.Board.Published, SharedBoard.Publication(snapshot.Sequence, index));
    }

    /// <inheritdoc/>
    public void Pin(int index, Snapshot snapshot)
    {
        Describe(index, snapshot);
        Volatile.Write(ref _mapping.Board.Pinned, SharedBoard.Publication(snapshot.Sequence, index));
    }

    /// <inheritdoc/>
    public void Unpin() => Interlocked.Exchange(ref _mapping.Board.Pinned, 0);

    /// <summary>What travels with it. Written once a snapshot: it may be pinned for a reader before it is published.</summary>
    private void Describe(int index, Snapshot snapshot)
    {
        lock (_gate)
        {
            SharedBoard board = _mapping.Board;
            if (board.Header(index).Sequence == snapshot.Sequence)
                return;
            board.Header(index) = new()
            {
                Sequence = snapshot.Sequence,
                Clock = snapshot.Clock,
                Loss = snapshot.Loss,
                Weight = 1,
                Round = snapshot.Round,
                PublishedAt = _time.GetTimestamp(),
            };
        }
    }

    /// <inheritdoc/>
    public bool IsRead(int index)
    {
        // What was published instead must be seen by all before the slots are looked at: a reader looks in the opposite order.
        Interlocked.MemoryBarrier();
        SharedBoard board = _mapping.Board;
        int used = Volatile.Read(ref _usedSlots);
        for (int slot = 0; slot < used; slot++)
        {
            if (SharedBoard.IndexOf(Volatile.Read(ref board.Slot(slot))) == index && !IsAbandoned(slot))
                return true;
        }

        return false;
    }

    /// <summary>A slot for a new reader; null when all are taken.</summary>
    public SharedGrant? TryGrant()
    {
        lock (_gate)
        {
            for (int slot = 0; slot < _grants.Length; slot++)
            {
                if (_grants[slot] is { } old && !(old.IsClosed && old.TryRevoke()))
                    continue;
                var grant = new SharedGrant(_mapping.Board, slot, ++_generations);
                _grants[slot] = grant;
                Volatile.Write(ref _usedSlots, Math.Max(_usedSlots, slot + 1));
                return grant;
            }

            return null;
        }
    }

    /// <summary>What the reader has to know.</summary>
    public SharedTicket Ticket(SharedGrant grant) =>
        new(Environment.ProcessId, (int)_file.DangerousGetHandle(), _mapping.Board.Nonce, grant.Generation, grant.Slot, _grants.Length);

    public void Dispose()
    {
        _mapping.Dispose();
        _file.Dispose();
    }

    /// <summary>A lease whose connection was ended here, and whose process has ended too: nobody is left to give it back.</summary>
    private bool IsAbandoned(int slot)
    {
        lock (_gate)
            return _grants[slot] is { IsClosed: true } grant && grant.TryRevoke();
    }
}
