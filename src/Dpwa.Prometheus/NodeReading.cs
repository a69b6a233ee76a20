namespace Dpwa.Prometheus;

/// <summary>What is known of one node.</summary>
/// <param name="Node">Its name in the configuration.</param>
/// <param name="Status">What it said last; null when it does not answer.</param>
public readonly record struct NodeReading(string Node, NodeStatus? Status);
