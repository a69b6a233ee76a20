using Dpwa.Averaging;
using Dpwa.Forms;
using Dpwa.Simulation.Network;
using Dpwa.Snapshots;

namespace Dpwa.Simulation;

/// <summary>A connection as one of its ends sees it: who is at the other, and how it is called there.</summary>
internal sealed record VirtualEnd(VirtualNode Node, long Id, VirtualStream Incoming, VirtualStream Outgoing);

/// <summary>A node with what a process would have around it.</summary>
internal sealed class VirtualNode(int index, GossipNode machine, VirtualModel model, ModelForm form, SnapshotStore store)
{
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
}
