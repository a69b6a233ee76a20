using Dpwa.Exchange;

namespace Dpwa.Simulation;

/// <content>How nodes end, stand still, and begin again.</content>
public sealed partial class VirtualCluster
{
    /// <summary>Ends a node as kill −9 does: its connections close, and nothing of it happens any more.</summary>
    /// <param name="index">Which node.</param>
    /// <param name="silently">As if its machine had lost power: its connections do not even close, and only their time-outs tell the others.</param>
    public void Kill(int index, bool silently = false)
    {
        VirtualNode node = _nodes[index];
        node.IsDown = true;
        foreach (VirtualEnd end in node.Connections.Values)
        {
            end.Pump?.Die(silently);
            if (end.Pump is null && !silently)
                CloseOther(node, end, "the connection was reset");
        }

        node.Connections.Clear();

        // With a process its memory goes, and the leases in it.
        node.Machine.Close(Now);
        foreach (Effect effect in node.Machine.Effects)
            effect.Message.Release();
        node.Machine.Effects.Clear();
        while (node.Waiting.TryDequeue(out (Action Action, Action? OrElse) waiting))
            waiting.OrElse?.Invoke();
    }

    /// <summary>Starts a node again, with a new life and its model as it was.</summary>
    public void Restart(int index)
    {
        VirtualNode old = _nodes[index];
        if (!old.IsDown)
            Kill(index);
        _nodes[index] = NewNode(index, _members.Nodes[index].Name, old.Model.Layout);
        old.Model.CopyTo(_nodes[index].Model);
    }

    /// <summary>Stops a node as SIGSTOP does, or lets it go on: what is for it waits.</summary>
    public void Freeze(int index, bool frozen)
    {
        VirtualNode node = _nodes[index];
        node.IsFrozen = frozen;
        while (!node.IsFrozen && node.Waiting.TryDequeue(out (Action Action, Action? OrElse) waiting))
            waiting.Action();
    }

    /// <summary>A node forgets a peer.</summary>
    public void RemovePeer(int index, string name)
    {
        VirtualNode node = _nodes[index];
        node.Machine.RemovePeer(Now, name);
        Perform(node);
    }

    /// <summary>A node leaves properly, with a goodbye.</summary>
    public void Leave(int index)
    {
        VirtualNode node = _nodes[index];
        node.Machine.Close(Now);
        Perform(node);
        node.IsDown = true;
    }
}
