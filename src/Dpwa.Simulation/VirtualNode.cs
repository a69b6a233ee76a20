using Dpwa.Averaging;
using Dpwa.Forms;
using Dpwa.Protocol;
using Dpwa.Simulation.Frames;
using Dpwa.Simulation.Network;
using Dpwa.Snapshots;

namespace Dpwa.Simulation;

/// <summary>A connection as one of its ends sees it: who is at the other, and how it is called there.</summary>
internal sealed record VirtualEnd(VirtualNode Node, long Id, VirtualStream Incoming, VirtualStream Outgoing)
{
    /// <summary>What carries this end's messages as bytes; null where they are handed over as they are.</summary>
    public FramePump? Pump { get; set; }
}

/// <summary>A node with what a process would have around it.</summary>
internal sealed class VirtualNode(int index, GossipNode machine, VirtualModel model, ModelForm form, SnapshotStore store)
{
    private readonly ReceiveBuffers _buffers = new();
    private readonly List<IncomingPayload> _rented = [];
    private readonly HashSet<Snapshot> _written = [];

    public int Index => index;
    public GossipNode Machine => machine;
    public VirtualModel Model => model;
    public ModelForm Form => form;
    public SnapshotStore Store => store;
    public Dictionary<long, VirtualEnd> Connections { get; } = [];
    public ReceivedBodies Buffers { get; } = new();
    public Queue<(Action Action, Action? OrElse)> Waiting { get; } = new();
    public Action<BootstrapResult>? ThenBegun { get; set; }
    public Action<MergeResult>? ThenMerged { get; set; }
    public Action<UpdateResult>? Then { get; set; }
    public TimeSpan? TickDue { get; set; }
    public bool IsDown { get; set; }
    public bool IsFrozen { get; set; }

    /// <summary>Leases on what it has published, and on memory that bodies arrive in or have arrived in.</summary>
    public int Leases => _written.Count(s => s.IsLeased) + _rented.Count(b => b.IsLeased) + Buffers.Leases;

    /// <summary>A snapshot to write into, or null when readers hold all.</summary>
    public Snapshot? TryWrite()
    {
        Snapshot? snapshot = store.TryWrite();
        if (snapshot is not null)
            _written.Add(snapshot);
        return snapshot;
    }

    /// <summary>Memory for a body of which the bytes arrive, as the production driver has it.</summary>
    public IncomingPayload Rent(in MessageHeader header)
    {
        IncomingPayload body = header.Type == MessageType.Snapshot ? _buffers.Rent(machine.Layout!, header.Codec) : ReceiveBuffers.Small((long)header.BodyLength);
        _rented.RemoveAll(other => !other.IsLeased);
        _rented.Add(body);
        return body;
    }
}
