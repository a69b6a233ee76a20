using Dpwa.Averaging;
using Dpwa.Exchange;
using Dpwa.Peers;
using Dpwa.Protocol;
using Dpwa.Snapshots;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Averaging;

/// <summary>The node's part in reading through shared memory: everything is ready while the trainer trains, and the snapshot is asked for when it waits.</summary>
public class ReadyTests
{
    private static readonly TimeSpan LongStep = TimeSpan.FromSeconds(60);
    private TimeSpan _now;

    [Fact]
    public void The_snapshot_is_asked_for_when_the_trainer_waits()
    {
        GossipNode node = Ready(TransportChoice.Auto, out _);
        Assert.Null(node.NextDeadline);
        node.UpdateWait(_now, 1);
        Assert.Equal(MessageType.Fetch, Sent(node).Type);
    }

    [Fact]
    public void Published_twice_it_is_still_one_exchange()
    {
        GossipNode node = Ready(TransportChoice.Auto, out long link);
        node.UpdateSend(_now, 1, null);
        node.UpdateSend(_now, 1, null);
        Assert.Empty(node.Effects);
        Answer(node, link, Fetch(node));
        Assert.Equal(UpdateOutcome.Averaged, node.Decision.Outcome);
        node.Decision.Payload!.Dispose();
    }

    [Fact]
    public void A_peer_that_restarts_during_a_long_step_is_asked_again_and_nothing_is_held_against_it()
    {
        GossipNode node = Ready(TransportChoice.Auto, out long link);
        _now += LongStep;
        node.Closed(_now, link, new(FailureKind.Closed, "gone"));
        node.Tick(_now);
        Assert.Equal(EffectKind.Connect, Assert.Single(node.Effects).Kind);
        Assert.Equal(0, node.Peers(_now).Single().Failures);
        Assert.True(node.NextDeadline > _now, "the new connection has its own time");
    }

    [Fact]
    public void A_refusal_after_a_long_step_costs_what_a_refusal_costs()
    {
        GossipNode node = Ready(TransportChoice.Auto, out long link);
        _now += LongStep;
        MessageHeader request = Fetch(node);
        node.Received(_now, link, Frames.Reply(request, MessageType.Refusal, "w2") with { Reason = RefusalReason.Busy }, null);
        Assert.Equal(PeerState.Available, node.Peers(_now + TimeSpan.FromSeconds(1)).Single().State);
    }

    [Fact]
    public void Who_stops_waiting_leaves_no_lease_and_finds_the_peer_ready()
    {
        GossipNode node = Ready(TransportChoice.Auto, out long link);
        MessageHeader request = Fetch(node);
        Assert.True(node.StopWaiting());
        Snapshot snapshot = Answer(node, link, request);
        Assert.False(snapshot.IsLeased);
        Assert.Empty(node.Effects);
        Answer(node, link, Fetch(node));
        Assert.Equal(UpdateOutcome.Averaged, node.Decision.Outcome);
        node.Decision.Payload!.Dispose();
    }

    [Fact]
    public void Where_only_shared_memory_will_do_another_host_is_refused_as_soon_as_it_is_reached()
    {
        GossipNode node = Connecting(TransportChoice.SharedMemory, out long link);
        node.UpdateWait(_now, 1);
        node.Connected(_now, link, isSameHost: false);
        Assert.Contains(node.Effects, e => e.Kind == EffectKind.Decided);
        Assert.Equal(UpdateOutcome.Rejected, node.Decision.Outcome);
    }

    [Fact]
    public void Where_only_shared_memory_will_do_memory_that_cannot_be_opened_is_told_at_once()
    {
        GossipNode node = Mapping(TransportChoice.SharedMemory, out long link);
        node.UpdateWait(_now, 1);
        node.Mapped(_now, link, "of another user");
        Assert.Contains(node.Effects, e => e.Kind == EffectKind.Decided);
        Assert.Contains("of another user", node.Decision.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_map_in_a_codec_is_not_admitted()
    {
        GossipNode node = Connecting(TransportChoice.Auto, out long link);
        node.Connected(_now, link, isSameHost: true);
        MessageHeader map = Frames.Reply(Sent(node), MessageType.Map, "w2") with { BodyLength = 32, Codec = PayloadCodec.Int8 };
        Assert.Equal(FailureKind.Protocol, node.Admit(_now, link, map).Kind);
        Assert.Equal(FailureKind.None, node.Admit(_now, link, map with { Codec = PayloadCodec.Native }).Kind);
    }

    /// <summary>Where no peer can be read in place, each is tried once, in a loop: a recursion would end the process.</summary>
    [Fact]
    public void Ten_thousand_peers_that_are_of_no_use_do_not_deepen_the_stack()
    {
        const int peers = 10_000;
        var options = new DpwaOptions
        {
            Nodes = [.. Enumerable.Range(1, peers + 1).Select(i => new DpwaNode($"w{i}", "h", i))],
            Seed = 1,
            Transport = TransportChoice.SharedMemory,
            Timeout = TimeSpan.FromHours(1),
        };
        var node = new GossipNode("w1", options, new Membership(options.Nodes), new Random(1), 5) { Layout = ParameterLayout.Flat(16) };
        node.UpdateSend(_now, 1, null);
        node.UpdateWait(_now, 1);
        while (node.Effects.All(e => e.Kind != EffectKind.Decided))
        {
            long[] connecting = [.. node.Effects.Where(e => e.Kind == EffectKind.Connect).Select(e => e.Connection)];
            node.Effects.Clear();
            Array.ForEach(connecting, link => node.Connected(_now, link, isSameHost: false));
        }

        // All links are open now and lead nowhere: the second exchange goes through them in one event.
        node.Effects.Clear();
        _now += TimeSpan.FromMinutes(5);
        node.UpdateSend(_now, 1, null);
        node.UpdateWait(_now, 1);
        Assert.Contains(node.Effects, e => e.Kind == EffectKind.Decided);
        Assert.Equal(2 * peers, node.Peers(_now).Sum(p => p.Failures));
    }

    private static GossipNode Node(TransportChoice transport)
    {
        var options = new DpwaOptions { Nodes = [new("w1", "h", 1), new("w2", "h", 2)], Seed = 1, Timeout = TimeSpan.FromSeconds(2), Transport = transport };
        return new GossipNode("w1", options, new Membership(options.Nodes), new Random(1), 5) { Layout = ParameterLayout.Flat(16) };
    }

    private GossipNode Connecting(TransportChoice transport, out long link)
    {
        GossipNode node = Node(transport);
        node.UpdateSend(_now, 1, null);
        link = node.Effects.Single(e => e.Kind == EffectKind.Connect).Connection;
        node.Effects.Clear();
        return node;
    }

    private GossipNode Mapping(TransportChoice transport, out long link)
    {
        GossipNode node = Connecting(transport, out link);
        node.Connected(_now, link, isSameHost: true);
        MessageHeader request = Sent(node);
        Assert.Equal(MessageType.MapRequest, request.Type);
        node.Received(_now, link, Frames.Reply(request, MessageType.Map, "w2") with { BodyLength = 32 }, new BytesPayload(new byte[32]));
        Assert.Equal(EffectKind.Map, Assert.Single(node.Effects).Kind);
        node.Effects.Clear();
        return node;
    }

    private GossipNode Ready(TransportChoice transport, out long link)
    {
        GossipNode node = Mapping(transport, out link);
        node.Mapped(_now, link, null);
        Assert.Empty(node.Effects);
        return node;
    }

    private MessageHeader Fetch(GossipNode node)
    {
        node.UpdateWait(_now, 1);
        MessageHeader request = Sent(node);
        Assert.Equal(MessageType.Fetch, request.Type);
        return request;
    }

    private Snapshot Answer(GossipNode node, long link, MessageHeader request)
    {
        var snapshot = new Snapshot(node.Layout!);
        node.Received(_now, link, Frames.Reply(request, MessageType.Snapshot, "w2") with { BodyLength = (ulong)snapshot.Length, Sequence = 1 }, snapshot.Lease());
        return snapshot;
    }

    private static MessageHeader Sent(GossipNode node)
    {
        MessageHeader header = node.Effects.Single(e => e.Kind == EffectKind.Send).Message.Header;
        node.Effects.Clear();
        return header;
    }
}
