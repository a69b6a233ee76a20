using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Dpwa.Diagnostics;
using Dpwa.Prometheus;
using Dpwa.Tests.Shared;

namespace Dpwa.Monitoring.Tests;

/// <summary>The instruments of the meter <c>Dpwa</c>, and the table of docs/monitoring.md that lists them.</summary>
public sealed partial class InstrumentTests
{
    private const int Limit = 60_000;

    [Fact(Timeout = Limit)]
    public async Task The_table_has_every_instrument_with_its_kind_and_unit_and_no_other()
    {
        await using var workers = new Workers(1);
        using var listener = new Recorder();
        Assert.Equal(listener.Instruments.Select(i => (i.Name, KindOf(i), i.Unit ?? "")).Order(), Rows().Select(r => (r.Name, r.Kind, r.Unit)).Order());
        Assert.All(listener.Instruments, i => Assert.EndsWith(".", i.Description, StringComparison.Ordinal));
    }

    /// <summary>Of the events that are rare the table's attributes are seen by reading; MeterTests raises them.</summary>
    [Fact(Timeout = Limit)]
    public async Task The_table_has_the_attributes_of_what_an_exchange_and_a_status_record()
    {
        await using var workers = new Workers(2);
        using var listener = new Recorder();
        Assert.All(workers.Step(), r => Assert.Equal(UpdateOutcome.Averaged, r.Outcome));
        listener.Read();
        Assert.True(listener.Attributes.Count >= StatusMetric.All.Count + 5);
        foreach ((string name, string attributes) in listener.Attributes)
            Assert.Equal((name, attributes), (name, Rows().Single(r => r.Name == name).Attributes));
    }

    [Fact(Timeout = Limit)]
    public async Task Names_in_Prometheus_are_those_of_the_table()
    {
        await using var workers = new Workers(1);
        Dictionary<string, string> listed = Rows().ToDictionary(r => r.Name, r => r.Prometheus);
        Assert.All(StatusMetric.All, m => Assert.Equal(MetricName.Of(m), listed[m.Name]));
    }

    /// <summary>Of a large cluster the first hundred have a series each.</summary>
    [Fact]
    public void Peers_beyond_the_limit_are_summed_up()
    {
        NodeStatus status = ClusterMetricsTests.Status("w1") with { Peers = [.. Enumerable.Range(0, 5).Select(i => new PeerStatus($"p{i}", "", 1000, PeerState.Available, null, 0, 0, 10 + i, i))] };
        StatusMetric exchanges = StatusMetric.All.Single(m => m.Name == "dpwa.peer.exchanges"), score = StatusMetric.All.Single(m => m.Name == "dpwa.peer.score");
        Assert.Equal([new(10, "p0"), new(11, "p1"), new(12 + 13 + 14, "_other")], exchanges.Read(status, 2));
        Assert.Equal(2, score.Read(status, 2).Count());
        Assert.Equal(5, exchanges.Read(status, 5).Count());
    }

    [Fact(Timeout = Limit)]
    public async Task A_node_that_has_left_is_read_no_more()
    {
        using var listener = new Recorder();
        var workers = new Workers(2);
        listener.Read();
        Assert.Contains("w2", listener.Nodes);
        await workers.DisposeAsync();
        listener.Nodes.Clear();
        listener.Read();
        Assert.Empty(listener.Nodes);
    }

    private static string KindOf(Instrument instrument) => instrument.GetType().Name switch
    {
        "ObservableCounter`1" or "Counter`1" => "counter",
        "ObservableUpDownCounter`1" => "up-down counter",
        "ObservableGauge`1" => "gauge",
        "Histogram`1" => "histogram",
        var other => other,
    };

    private static List<(string Name, string Prometheus, string Kind, string Unit, string Attributes)> Rows() =>
    [
        .. from Match row in Row().Matches(Repository.Read("docs/monitoring.md"))
           let cells = row.Value.Trim('|').Split('|').Select(cell => cell.Replace("`", "", StringComparison.Ordinal).Trim()).ToArray()
           select (cells[0], cells[1], cells[2], cells[3], cells[4]),
    ];

    [GeneratedRegex(@"^\| `dpwa\.[^\n]*$", RegexOptions.Multiline)]
    private static partial Regex Row();

    private sealed class Recorder : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentQueue<Instrument> _instruments = new();

        public Recorder()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name != "Dpwa")
                    return;
                _instruments.Enqueue(instrument);
                listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Record(instrument, tags));
            _listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Record(instrument, tags));
            _listener.Start();
        }

        public IReadOnlyCollection<Instrument> Instruments => _instruments;

        public ConcurrentDictionary<string, string> Attributes { get; } = new();

        public ConcurrentBag<string> Nodes { get; } = [];

        public void Read() => _listener.RecordObservableInstruments();

        public void Dispose() => _listener.Dispose();

        private void Record(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            Assert.Equal("dpwa.node", tags[0].Key);
            Nodes.Add((string)tags[0].Value!);
            string[] others = [.. tags[1..].ToArray().Select(t => t.Key)];
            Attributes[instrument.Name] = string.Join(", ", others);
        }
    }
}
