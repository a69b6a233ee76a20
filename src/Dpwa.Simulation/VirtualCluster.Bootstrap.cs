using Dpwa.Averaging;

namespace Dpwa.Simulation;

/// <content>Nodes that join late.</content>
public sealed partial class VirtualCluster
{
    /// <summary>Has a node that has not begun take over a peer's model; <paramref name="then"/> is called, in virtual time, when it has, or when there is none.</summary>
    /// <param name="index">Which node.</param>
    /// <param name="wait">How long it waits without any progress.</param>
    /// <param name="then">Told whose model it is, or why there was none.</param>
    /// <exception cref="InvalidOperationException">The node has begun.</exception>
    public void Bootstrap(int index, TimeSpan wait, Action<BootstrapResult> then)
    {
        VirtualNode node = _nodes[index];
        node.Machine.ThrowIfBegun();
        node.ThenBegun = then;
        node.Machine.BeginBootstrap(Now, wait);
        Perform(node);
    }

    private static void Adopt(VirtualNode node)
    {
        Decision decision = node.Machine.Decision;
        using (decision.Payload)
        {
            if (decision.Payload is { } payload)
                node.Form.Adopt(node.Model, payload);
        }

        Action<BootstrapResult> then = node.ThenBegun!;
        node.ThenBegun = null;
        then(new BootstrapResult(decision.Peer, decision.PeerClock, (long)decision.Round, decision.Payload?.Length ?? 0, TimeSpan.Zero, decision.Reason));
    }
}
