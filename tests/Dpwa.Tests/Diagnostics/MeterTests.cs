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

        Assert.Equal(3, counts["dpwa.exchanges", "averaged"]);
        Assert.Equal(3 * ParameterLayout.Flat(1).PayloadLength, counts["dpwa.bytes.received"]);
        Assert.Equal(0, counts["dpwa.publish.skipped"]);
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
        Assert.Equal((1, 1, 0), (counts["dpwa.exchanges", "no_peer"], counts["dpwa.exchanges", "not_fetching"], counts["dpwa.bytes.received"]));
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
        Assert.Equal((1, 0, 0), (counts["dpwa.exchanges", "rejected"], counts["dpwa.exchanges", "averaged"], counts["dpwa.bytes.received"]));
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
            while (counts["dpwa.publish.skipped"] == 0)
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
        Assert.Equal(1, counts["dpwa.publish.skipped"]);
    }

    /// <summary>What was counted since it was made.</summary>
    private sealed class Counts : IDisposable
    {
        private readonly ConcurrentDictionary<(string Instrument, string? Outcome), long> _sums = new();
        private readonly MeterListener _listener = new();

        public Counts()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Dpwa")
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
                _sums.AddOrUpdate((instrument.Name, Outcome(tags)), value, (_, sum) => sum + value));
            _listener.Start();
        }

        public long this[string instrument, string? outcome = null] => _sums.GetValueOrDefault((instrument, outcome));

        public void Dispose() => _listener.Dispose();

        private static string? Outcome(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                if (tag.Key == "outcome")
                    return (string?)tag.Value;
            }

            return null;
        }
    }
}
