using Dpwa.Averaging;
using Dpwa.Snapshots;

namespace Dpwa.Simulation;

/// <content>How a run ends.</content>
public sealed partial class VirtualCluster
{
    /// <summary>Begins a node's final merge; <paramref name="then"/> is called, in virtual time, when it is over.</summary>
    /// <param name="index">Which node.</param>
    /// <param name="wait">How long it waits for others.</param>
    /// <param name="then">Told how many it merged with, and who is missing.</param>
    /// <param name="loss">Its loss.</param>
    public void FinalMerge(int index, TimeSpan wait, Action<MergeResult> then, double loss = 0)
    {
        VirtualNode node = _nodes[index];
        Snapshot snapshot = node.TryWrite() ?? throw new InvalidOperationException("readers hold every snapshot");
        node.Form.Publish(node.Model, snapshot, node.Machine.NextRound);
        node.ThenMerged = then;
        node.Machine.BeginMerge(Now, loss, snapshot, wait);
        node.Store.Published(snapshot);
        node.Machine.NextMerge(Now);
        Perform(node);
    }

    private void Merge(VirtualNode node)
    {
        if (node.Machine.Decision is { Payload: { } payload } next)
        {
            using (payload)
                node.Form.Merge(node.Model, next);
            node.Machine.NextMerge(Now);
            Perform(node);
        }
        else if (node.ThenMerged is { } then)
        {
            node.ThenMerged = null;
            then(node.Machine.MergeResult);
        }
    }
}
