namespace Dpwa.Simulation;

/// <summary>
/// The order of what happens at one instant. Nodes of equal speed begin and end their steps at the same moments; what the one sees of the other must not
/// depend on which is called first: all have published before the first message of that instant arrives, and all messages have arrived before the first node waits.
/// </summary>
public enum EventPhase
{
    /// <summary>What travels, and time-outs.</summary>
    Network,

    /// <summary>Steps end: <c>UpdateWait</c>.</summary>
    Wait,

    /// <summary>Somebody looks at the cluster, between the steps.</summary>
    Between,

    /// <summary>Steps begin: <c>UpdateSend</c>.</summary>
    Send,
}
