using System.Globalization;
using System.Text;
using Dpwa.Prometheus;

namespace Dpwa.Monitoring.Tests;

/// <summary>What a Prometheus is given of a cluster.</summary>
public class ClusterMetricsTests
{
    [Fact]
    public async Task Each_number_of_a_status_is_a_sample_of_its_node()
    {
        Dictionary<string, double> samples = await Scrape(new NodeReading("w1", Status("w1")), new NodeReading("w2", Status("w2") with { Round = 7, Loss = null, Samples = null, Sketch = [3, 0] }));
        Assert.Equal(100, samples["""dpwa_steps_total{dpwa_node="w1"}"""]);
        Assert.Equal(7, samples["""dpwa_steps_total{dpwa_node="w2"}"""]);
        Assert.Equal(0.25, samples["""dpwa_loss{dpwa_node="w1"}"""]);
        Assert.DoesNotContain("""dpwa_loss{dpwa_node="w2"}""", samples.Keys);
        Assert.DoesNotContain("""dpwa_samples_total{dpwa_node="w2"}""", samples.Keys);
        Assert.Equal(90, samples["""dpwa_exchanges_total{dpwa_node="w1",dpwa_outcome="averaged"}"""]);
        Assert.Equal(3, samples["""dpwa_exchanges_total{dpwa_node="w1",dpwa_outcome="timed_out"}"""]);
        Assert.Equal(1.5, samples["""dpwa_blocked_time_seconds_total{dpwa_node="w1"}"""]);
        Assert.Equal(1000, samples["""dpwa_network_io_bytes_total{dpwa_node="w1",network_io_direction="receive"}"""]);
        Assert.Equal(500, samples["""dpwa_network_io_bytes_total{dpwa_node="w1",network_io_direction="transmit"}"""]);
        Assert.Equal(1, samples["""dpwa_peers{dpwa_node="w1",dpwa_peer_state="backing_off"}"""]);
        Assert.Equal(0, samples["""dpwa_peers{dpwa_node="w1",dpwa_peer_state="left"}"""]);
        Assert.Equal(1, samples["dpwa_consensus_distance"]);
    }

    [Fact]
    public async Task A_node_that_does_not_answer_is_down_and_has_nothing_else()
    {
        Dictionary<string, double> samples = await Scrape(new NodeReading("w1", Status("w1")), new NodeReading("w2", null));
        Assert.Equal((1d, 0d), (samples["""dpwa_up{dpwa_node="w1"}"""], samples["""dpwa_up{dpwa_node="w2"}"""]));
        Assert.Equal(["""dpwa_score{dpwa_node="w2"}""", """dpwa_up{dpwa_node="w2"}"""], samples.Keys.Where(k => k.Contains("\"w2\"", StringComparison.Ordinal)).Order());
    }

    /// <summary>A counter of a node that was started again begins anew, as Prometheus expects.</summary>
    [Fact]
    public async Task What_is_written_is_what_is_known_now()
    {
        await Scrape(new NodeReading("w1", Status("w1")));
        Assert.Equal(1, (await Scrape(new NodeReading("w1", Status("w1") with { Round = 1 })))["""dpwa_steps_total{dpwa_node="w1"}"""]);
        Assert.Empty((await Scrape()).Keys);
    }

    [Fact]
    public async Task A_node_has_the_lowest_score_that_another_gives_it()
    {
        PeerStatus Seen(double score) => new("w2", "", score, PeerState.Available, null, 0, 0, 0, 0);
        Dictionary<string, double> samples = await Scrape(
            new NodeReading("w1", Status("w1") with { Peers = [Seen(700)] }), new NodeReading("w2", null), new NodeReading("w3", Status("w3") with { Peers = [Seen(400)] }));
        Assert.Equal(400, samples["""dpwa_score{dpwa_node="w2"}"""]);
    }

    /// <summary>64 nodes of 63 peers each: the series grow with the nodes, not with the pairs.</summary>
    [Fact]
    public async Task The_number_of_series_does_not_grow_with_the_pairs()
    {
        string[] names = [.. Enumerable.Range(0, 64).Select(i => $"w{i}")];
        NodeReading[] nodes = [.. names.Select(name => new NodeReading(name, Status(name) with { Peers = [.. names.Where(n => n != name).Select(n => new PeerStatus(n, "", 1000, PeerState.Available, null, 0, 0, 0, 0))] }))];
        Assert.InRange((await Scrape(nodes)).Count, 64 * 10, 64 * 30);
    }

    /// <summary>A status is another's bytes: it neither breaks a line nor makes a scrape fail.</summary>
    [Fact]
    public async Task What_a_hostile_node_says_breaks_nothing()
    {
        NodeStatus evil = Status("\"} 1\nfake_metric 1\n") with
        {
            Outcomes = [.. Enumerable.Repeat(1L, 1000)],
            BlockedSeconds = double.NaN,
            Clock = double.PositiveInfinity,
            Round = long.MinValue,
            Sketch = [float.NaN],
            Peers = [new("x\"} 1\nfake_metric 1\n", "", double.NaN, (PeerState)99, null, -5, long.MaxValue, 0, 0)],
        };
        Dictionary<string, double> samples = await Scrape(new NodeReading("w1", Status("w1")), new NodeReading("evil", evil));
        Assert.Equal(100, samples["""dpwa_steps_total{dpwa_node="w1"}"""]);
        Assert.DoesNotContain(samples.Keys, k => k.StartsWith("fake", StringComparison.Ordinal));
    }

    internal static async Task<string> Text(params NodeReading[] nodes)
    {
        using var output = new MemoryStream();
        await ClusterMetrics.WriteAsync(nodes, output, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    internal static NodeStatus Status(string name) => new()
    {
        Name = name,
        Version = "1",
        Incarnation = 1,
        Process = 1,
        Started = DateTimeOffset.UnixEpoch,
        Now = DateTimeOffset.UnixEpoch,
        Round = 100,
        Clock = 99.5,
        Loss = 0.25,
        Samples = 3200,
        BlockedSeconds = 1.5,
        Outcomes = [90, 2, 1, 3, 4, 0],
        SnapshotBytes = 64,
        Sketch = [1, 0],
        Peers = [new("w2", "127.0.0.1:1", 900, PeerState.BackingOff, "w2 hung up", 1000, 500, 90, 8)],
    };

    private static async Task<Dictionary<string, double>> Scrape(params NodeReading[] nodes) => (await Text(nodes)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Where(line => line[0] != '#')
        .ToDictionary(line => line[..line.LastIndexOf(' ')], line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
}
