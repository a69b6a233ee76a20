using Dpwa.Diagnostics;
using Prometheus;

namespace Dpwa.Prometheus;

/// <summary>
/// The metrics of a whole cluster in Prometheus' text format, out of what its nodes say of themselves: for <c>/metrics</c> of a process that asks them, so that the trainers run no server. Each scrape is written
/// anew: a node that does not answer has no series but <c>dpwa_up</c>, and one that was started again counts from its own beginning.
/// </summary>
public static class ClusterMetrics
{
    /// <summary>The content type of what is written.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const string Node = "dpwa_node";

    /// <summary>Writes them. The number of series grows with the nodes, not with the pairs of them.</summary>
    /// <param name="nodes">All nodes that are asked, each once.</param>
    /// <param name="output">For instance the body of an HTTP answer; it is left open.</param>
    /// <param name="ct">Stops the writing.</param>
    public static Task WriteAsync(IReadOnlyCollection<NodeReading> nodes, Stream output, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(output);
        CollectorRegistry registry = Metrics.NewCustomRegistry();
        MetricFactory factory = Metrics.WithCustomRegistry(registry);
        Gauge up = factory.CreateGauge("dpwa_up", "Whether the node answers.", Node);
        foreach (NodeReading node in nodes)
            up.WithLabels(node.Node).Set(node.Status is null ? 0 : 1);
        foreach (StatusMetric metric in StatusMetric.All.Where(m => !m.IsOfPeers))
            Add(factory, metric, nodes);
        AddScores(factory, nodes);
        if (ConsensusDistance.Estimate(nodes.Select(n => n.Status?.Sketch ?? [])) is { } distance)
            factory.CreateGauge("dpwa_consensus_distance", "The root of the mean square distance of the nodes' parameters to their mean, estimated from sketches.").Set(distance);
        return registry.CollectAndExportAsTextAsync(output, ct);
    }

    private static void Add(MetricFactory factory, StatusMetric metric, IEnumerable<NodeReading> nodes)
    {
        string name = MetricName.Of(metric);
        string[] labels = metric.Attribute is { } attribute ? [Node, MetricName.Label(attribute)] : [Node];
        Action<string[], double> set;
        if (metric.Kind == StatusMetricKind.Counter)
        {
            Counter counter = factory.CreateCounter(name, metric.Description, labels);
            set = (values, value) => counter.WithLabels(values).IncTo(value);
        }
        else
        {
            Gauge gauge = factory.CreateGauge(name, metric.Description, labels);
            set = (values, value) => gauge.WithLabels(values).Set(value);
        }

        foreach (NodeReading node in nodes)
        {
            foreach (StatusReading reading in node.Status is { } status ? metric.Read(status, mostPeers: 0) : [])
                set(reading.Attribute is { } value ? [node.Node, value] : [node.Node], reading.Value);
        }
    }

    /// <summary>How the others see a node: the lowest of the scores that they give it.</summary>
    private static void AddScores(MetricFactory factory, IReadOnlyCollection<NodeReading> nodes)
    {
        Gauge score = factory.CreateGauge("dpwa_score", "The lowest flow-control score that another node gives this one, from 10 to 1000.", Node);
        HashSet<string> asked = [.. nodes.Select(n => n.Node)];
        foreach (IGrouping<string, PeerStatus> seen in nodes.SelectMany(n => n.Status?.Peers ?? []).Where(p => asked.Contains(p.Name)).GroupBy(p => p.Name, StringComparer.Ordinal))
            score.WithLabels(seen.Key).Set(seen.Min(p => p.Score));
    }
}
