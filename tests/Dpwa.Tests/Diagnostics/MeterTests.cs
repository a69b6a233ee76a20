using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Dpwa.Protocol;
using Dpwa.Tests.Hostile;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Diagnostics;

/// <summary>What the meter <c>Dpwa</c> counts. The meter is the whole process's.</summary>
[Collection(AloneCollection.Name)]
public class MeterTests
{
    private const int Limit = 60_000;

    [Fact(Timeout = Limit)]
    public async Task Averaged_steps_are_counted_with_their_bytes()
    {
        await using Mesh mesh = Mesh.Published(2, _ => [1]);
        using var counts = new Counts();
        float[] values = [2];
        for (int step = 0; step < 3; step++)
        {
            mesh.Nodes[0].UpdateSend(values, 1);
            Assert.Equal(UpdateOutcome.Averaged, (await mesh.Nodes[0].UpdateWaitAsync(values, 1)).Outcome);
        }

        Assert.Equal(3, counts.Read("dpwa.exchanges", "averaged"));
        Assert.Equal(3 * ParameterLayout.Flat(1).PayloadLength, counts["dpwa.exchange.size"]);
        Assert.Equal(3 * ParameterLayout.Flat(1).PayloadLength, counts.Read("dpwa.network.io", "receive"));
        Assert.Equal((3, 1.5), (counts.Times("dpwa.exchange.duration"), counts["dpwa.exchange.factor"]));
        Assert.Equal((3, 3), (counts.Times("dpwa.update_wait.duration", "averaged"), counts.Times("dpwa.exchange.staleness")));
        Assert.Equal(3, counts.Read("dpwa.peer.exchanges", "w2"));
        Assert.Equal(0, counts["dpwa.publish.skipped", "readers"]);
    }

    [Fact(Timeout = Limit)]
    public async Task Steps_without_a_peer_and_without_a_fetch_are_counted()
    {
        await using Mesh mesh = Mesh.Start(1);
        using var counts = new Counts();
        float[] values = [2];
        mesh.Nodes[0].UpdateSend(values, 1);
        mesh.Nodes[0].UpdateWait(values, 1);
        mesh.Nodes[0].UpdateWait(values, 1);
        Assert.Equal((1, 1, 0), (counts.Read("dpwa.exchanges", "no_peer"), counts.Read("dpwa.exchanges", "not_fetching"), counts.Times("dpwa.exchange.size")));
    }

    [Fact(Timeout = Limit)]
    public async Task A_rejected_answer_is_counted_and_its_bytes_are_not()
    {
        await using var scene = new HostileScene(new HostilePeer(async visit =>
        {
            MessageHeader request = await visit.Request();
            await visit.Send(Answers.Snapshot(request, h => h with { Clock = -1 }));
            await visit.UntilClosed();
        }));
        using var counts = new Counts();
        Assert.Equal(UpdateOutcome.Rejected, (await scene.Step()).Outcome);
        Assert.Equal((1, 0, 0), (counts.Read("dpwa.exchanges", "rejected"), counts.Read("dpwa.exchanges", "averaged"), counts.Times("dpwa.exchange.size")));
        Assert.Equal(1, counts.Read("dpwa.peer.failures", HostilePeer.Name));
    }

    /// <summary>Readers take the published snapshot and then no more, one after the other, until there is none left to write.</summary>
    [Fact(Timeout = Limit)]
    public async Task A_publish_for_which_readers_left_no_buffer_is_counted_as_skipped()
    {
        float[] values = new float[4_000_000];
        await using HostileScene scene = await HostileScene.Published(values);
        using var counts = new Counts();
        var readers = new List<RawClient>();
        try
        {
            while (counts["dpwa.publish.skipped", "readers"] == 0)
            {
                readers.Add(await RawClient.Connect(scene.Port));
                await readers[^1].Send(Frames.Request(MessageType.Fetch, "client", fingerprint: ParameterLayout.Flat(values.Length).Fingerprint));
                await Eventually.Is(() => Inside.Leased(scene.Node) == readers.Count, "the reader is being served");
                scene.Node.UpdateSend(values, 1);
            }
        }
        finally
        {
            readers.ForEach(r => r.Reset());
        }

        Assert.InRange(readers.Count, 2, 8);
        await Eventually.NothingIsLeased(scene.Node);
        scene.Node.UpdateSend(values, 1);
        Assert.Equal(1, counts["dpwa.publish.skipped", "readers"]);
    }

    /// <summary>What was recorded since it was made; of what is read from statuses, what it is now.</summary>
    private sealed class Counts : IDisposable
    {
        private readonly ConcurrentDictionary<(string Instrument, string? Attribute), (int Times, double Sum)> _recorded = new();
        private readonly MeterListener _listener = new();

        public Counts()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Dpwa")
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
            _listener.Start();
        }

        public double this[string instrument, string? attribute = null] => _recorded.GetValueOrDefault((instrument, attribute)).Sum;

        public int Times(string instrument, string? attribute = null) => _recorded.GetValueOrDefault((instrument, attribute)).Times;

        /// <summary>Of the first node.</summary>
        public double Read(string instrument, string attribute)
        {
            _recorded.TryRemove((instrument, attribute), out _);
            _listener.RecordObservableInstruments();
            return this[instrument, attribute];
        }

        public void Dispose() => _listener.Dispose();

        private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            Assert.Equal("dpwa.node", tags[0].Key);
            if ((string?)tags[0].Value == "w1")
                _recorded.AddOrUpdate((instrument.Name, tags.Length > 1 ? (string?)tags[1].Value : null), (1, value), (_, before) => (before.Times + 1, before.Sum + value));
        }
    }
}
