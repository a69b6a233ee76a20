using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace Dpwa.Diagnostics;

/// <summary>
/// The meter <c>Dpwa</c>, by the OpenTelemetry conventions. What a node counts anyway is read from its status when somebody asks (<see cref="StatusMetric"/>); only distributions and rare events are
/// recorded as they happen. Without a listener an instrument is one comparison.
/// </summary>
internal static class DpwaMeter
{
    public const string Name = "Dpwa";

    /// <summary>Of a larger cluster these peers have a series each, and the rest one together.</summary>
    private const int MostPeers = 100;

    public static readonly string Version = typeof(DpwaMeter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    private static readonly Meter Meter = new(Name, Version);
    private static readonly ConcurrentDictionary<Observation, Func<NodeStatus>> Observed = new();

    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
    private static readonly double[] Tenths = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
    private static readonly long[] Sizes = [.. Enumerable.Range(0, 13).Select(i => 1L << (10 + 2 * i))];

    private static readonly Histogram<double> Exchange = Meter.CreateHistogram<double>("dpwa.exchange.duration", "s", "From the request for a peer's parameters to their last verified byte; 0 through shared memory.", null, new() { HistogramBucketBoundaries = Seconds });
    private static readonly Histogram<double> Wait = Meter.CreateHistogram<double>("dpwa.update_wait.duration", "s", "How long UpdateWait held the trainer, mixing included.", null, new() { HistogramBucketBoundaries = Seconds });
    private static readonly Histogram<long> Size = Meter.CreateHistogram<long>("dpwa.exchange.size", "By", "Payload bytes of what was mixed in.", null, new() { HistogramBucketBoundaries = Sizes });
    private static readonly Histogram<double> Factor = Meter.CreateHistogram<double>("dpwa.exchange.factor", "1", "How much of a peer's parameters was mixed in, from 0 to 1.", null, new() { HistogramBucketBoundaries = Tenths });
    private static readonly Histogram<double> Staleness = Meter.CreateHistogram<double>("dpwa.exchange.staleness", "s", "How old a peer's parameters were when they were mixed in, at most.", null, new() { HistogramBucketBoundaries = Seconds });

    private static readonly Counter<long> Skipped = Meter.CreateCounter<long>("dpwa.publish.skipped", "{publish}", "Steps that published nothing, by reason.");
    private static readonly Counter<long> Rejected = Meter.CreateCounter<long>("dpwa.clients.rejected", "{connection}", "Incoming connections that were ended, by kind of failure.");
    private static readonly Counter<long> OneSided = Meter.CreateCounter<long>("dpwa.swaps.one_sided", "{swap}", "Swaps that this node had agreed to and did not apply; the peer may have.");
    private static readonly Counter<long> TooFar = Meter.CreateCounter<long>("dpwa.mixes.limited", "{mix}", "Mixes that max_delta_norm made smaller or refused.");
    private static readonly Counter<long> Quarantines = Meter.CreateCounter<long>("dpwa.quarantines", "{quarantine}", "Times that a peer was left alone because of what it sent.");

    static DpwaMeter()
    {
        foreach (StatusMetric metric in StatusMetric.All)
        {
            IEnumerable<Measurement<double>> Read() => Observed.Values.SelectMany(status => Measured(metric, status()));
            _ = metric.Kind switch
            {
                StatusMetricKind.Counter => Meter.CreateObservableCounter(metric.Name, Read, metric.Unit, metric.Description),
                StatusMetricKind.UpDownCounter => Meter.CreateObservableUpDownCounter(metric.Name, Read, metric.Unit, metric.Description),
                _ => (Instrument)Meter.CreateObservableGauge(metric.Name, Read, metric.Unit, metric.Description),
            };
        }
    }

    /// <summary>A node is read from now on, until what is given back is disposed.</summary>
    public static IDisposable Observe(Func<NodeStatus> status)
    {
        var observation = new Observation();
        Observed[observation] = status;
        return observation;
    }

    /// <param name="node">Whose.</param>
    /// <param name="result">What came of it.</param>
    /// <param name="fetched">Whether the node's own exchange brought it, or only what a peer had begun.</param>
    public static void Updated(string node, in UpdateResult result, bool fetched)
    {
        KeyValuePair<string, object?> of = Of(node);
        Wait.Record(result.Waited.TotalSeconds, of, new("dpwa.outcome", OutcomeNames.Of(result.Outcome)));
        if (fetched)
        {
            Exchange.Record(result.Transfer.TotalSeconds, of);
            Mixed(of, result.Factor, result.Bytes);
        }

        if (result.Incoming is { } incoming)
            Mixed(of, incoming.Factor, incoming.Bytes);
        if (result.Outcome == UpdateOutcome.Averaged)
            Staleness.Record(result.Age.TotalSeconds, of);
    }

    public static void PublishSkipped(string node, string reason) => Skipped.Add(1, Of(node), new("dpwa.reason", reason));

    public static void OneSidedSwap(string node) => OneSided.Add(1, Of(node));

    public static void PeerTooFar(string node) => TooFar.Add(1, Of(node));

    public static void PeerQuarantined(string node) => Quarantines.Add(1, Of(node));

    public static void ClientRejected(string node, string kind) => Rejected.Add(1, Of(node), new("error.type", kind));

    private static void Mixed(in KeyValuePair<string, object?> of, double factor, long bytes)
    {
        Factor.Record(factor, of);
        Size.Record(bytes, of);
    }

    private static KeyValuePair<string, object?> Of(string node) => new("dpwa.node", node);

    private static IEnumerable<Measurement<double>> Measured(StatusMetric metric, NodeStatus status) => metric.Read(status, MostPeers).Select(reading => metric.Attribute is { } attribute
        ? new Measurement<double>(reading.Value, Of(status.Name), new(attribute, reading.Attribute))
        : new Measurement<double>(reading.Value, Of(status.Name)));

    private sealed class Observation : IDisposable
    {
        public void Dispose() => Observed.TryRemove(this, out _);
    }
}
