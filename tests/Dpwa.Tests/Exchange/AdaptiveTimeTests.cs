using Dpwa.Averaging;
using Dpwa.Exchange;
using Dpwa.Peers;
using Dpwa.Protocol;
using Dpwa.Simulation;
using Dpwa.Simulation.Network;
using Dpwa.Snapshots;
using Dpwa.Tests.Simulation;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Exchange;

/// <summary>Time-outs follow what a peer has needed before, and the default deadline follows the model.</summary>
public class AdaptiveTimeTests
{
    private const double Milliseconds = 1e-3;
    private const double Megabytes = 1e6;

    [Fact]
    public void A_peer_that_was_fast_and_has_gone_silent_costs_a_second_and_not_a_minute()
    {
        var scene = new Scene(TimeSpan.FromSeconds(60), 4 * Megabytes);
        Assert.Equal(UpdateOutcome.Averaged, scene.Step().Outcome);
        Assert.Equal(10 * Milliseconds, scene.Peer.Latency!.Value.TotalSeconds, 1e-6);
        scene.Latency = double.PositiveInfinity;
        Assert.Equal(UpdateOutcome.TimedOut, scene.Step().Outcome);
        Assert.Equal(1.01, scene.Waited, 1e-3);
        Assert.Contains("did not answer within 1.01 s", scene.Node.Decision.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_of_which_nothing_is_known_is_given_the_whole_time_out()
    {
        var scene = new Scene(TimeSpan.FromSeconds(60), 4 * Megabytes) { Latency = double.PositiveInfinity };
        Assert.Equal(UpdateOutcome.TimedOut, scene.Step().Outcome);
        Assert.Equal(60, scene.Waited);
    }

    [Fact]
    public void A_short_time_out_is_never_exceeded_however_slow_the_peer_has_been()
    {
        var scene = new Scene(TimeSpan.FromMilliseconds(300), 4 * Megabytes) { Latency = 250 * Milliseconds };
        Assert.Equal(UpdateOutcome.Averaged, scene.Step().Outcome);
        scene.Latency = double.PositiveInfinity;
        scene.Step();
        Assert.Equal(0.3, scene.Waited);
    }

    /// <summary>The link has become slower for good: each time-out doubles, until what it takes is reached; and from then on no step fails.</summary>
    [Fact]
    public void A_peer_that_answers_later_from_now_on_is_found_again_by_doubling()
    {
        var scene = new Scene(TimeSpan.FromSeconds(10), 4 * Megabytes);
        for (int i = 0; i < 10; i++)
            scene.Step();
        scene.Latency = 3;
        var waits = new List<double>();
        while (scene.Step().Outcome == UpdateOutcome.TimedOut)
        {
            waits.Add(Math.Round(scene.Waited, 1));
            Assert.InRange(waits.Count, 1, 10);
        }

        // The second had to connect first, which took three seconds too.
        Assert.Equal([1, 3 + 2], waits);
        for (int i = 0; i < 20; i++)
            Assert.Equal(UpdateOutcome.Averaged, scene.Step().Outcome);
        Assert.Equal(3, scene.Peer.Latency!.Value.TotalSeconds, 0.3);
    }

    /// <summary>64 KiB in each window would let a body of 100 MB take 40 minutes; the deadline of a minute or more would be waited for.</summary>
    [Fact]
    public void A_body_that_trickles_although_the_peer_was_fast_is_given_up_and_next_time_given_what_it_takes()
    {
        var scene = new Scene(TimeSpan.FromSeconds(30), 100 * Megabytes);
        for (int i = 0; i < 10; i++)
            Assert.Equal(UpdateOutcome.Averaged, scene.Step().Outcome);
        Assert.Equal(1, scene.Waited, 0.1);
        Assert.Equal(100 * Megabytes, scene.Peer.Throughput!.Value, 1);

        scene.Rate = 2 * Megabytes;
        UpdateResult slow = scene.Step();
        Assert.Equal(UpdateOutcome.TimedOut, slow.Outcome);
        Assert.Equal(1 + 4, scene.Waited, 0.2);
        Assert.Contains("was too slow within", slow.Reason, StringComparison.Ordinal);

        Assert.Equal(UpdateOutcome.Averaged, scene.Step().Outcome);
        Assert.Equal(50, scene.Waited, 1);
    }

    [Fact]
    public void A_body_that_stops_on_the_way_is_noticed_after_a_second_and_not_after_the_time_out()
    {
        var scene = new Scene(TimeSpan.FromSeconds(30), 1000 * Megabytes);
        for (int i = 0; i < 10; i++)
            scene.Step();
        scene.StopsAfter = 300 * Megabytes;
        Assert.Equal(UpdateOutcome.TimedOut, scene.Step().Outcome);
        Assert.InRange(scene.Waited, 3.5, 6);
    }

    /// <summary>A gigabyte at 12.5 MB/s, 100 Mbit/s, takes 80 s: more than ten time-outs.</summary>
    [Theory]
    [InlineData(1000, 12.5, true)]
    [InlineData(1000, 6.4, true)]
    [InlineData(1000, 6, false)]
    [InlineData(1, 0.05, true)]
    [InlineData(1, 0.03, false)]
    public void By_default_a_large_model_has_twice_the_time_of_a_hundred_megabits_a_second_and_a_small_one_ten_time_outs(double megabytes, double rate, bool arrives)
    {
        var scene = new Scene(new DpwaOptions().Timeout, megabytes * Megabytes) { Rate = rate * Megabytes };
        Assert.Equal(arrives ? UpdateOutcome.Averaged : UpdateOutcome.TimedOut, scene.Step().Outcome);
        double least = arrives ? megabytes / rate : 24;
        Assert.InRange(scene.Waited, least, arrives ? least + 1 : Math.Max(25, 2 * megabytes / 12.5) + 1);
    }

    [Fact]
    public void A_deadline_that_is_given_holds_for_every_model()
    {
        var options = new DpwaOptions { ExchangeDeadline = TimeSpan.FromSeconds(40) };
        Assert.Equal(TimeSpan.FromSeconds(40), options.DeadlineFor(long.MaxValue));
        Assert.Equal(TimeSpan.FromSeconds(25), new DpwaOptions().DeadlineFor(156_000_000));
        Assert.Equal(TimeSpan.FromSeconds(32), new DpwaOptions().DeadlineFor(200_000_000));
        Assert.Equal(TimeSpan.FromSeconds(50), new DpwaOptions { Timeout = TimeSpan.FromSeconds(5) }.DeadlineFor(200_000_000));
    }

    /// <summary>The server's side of it: who reads an honest 7 MB/s has 200 MB in 29 s, and is not cut off after ten time-outs; who reads on beyond the deadline of 32 s and one time-out is.</summary>
    [Fact]
    public void An_honest_reader_on_a_slow_link_is_served_to_the_end()
    {
        const long length = 200_000_000;
        TimeSpan now = TimeSpan.Zero;
        var layout = ParameterLayout.Flat(length / sizeof(float));
        DpwaOptions options = new DpwaOptions().Nodes(2);
        var node = new GossipNode("w1", options, new Membership(options.Nodes), new Random(1), 5) { Layout = layout };
        var published = new Snapshot(layout);
        node.UpdateSend(now, 1, published);
        node.Effects.Clear();
        long link = node.Accepted(now);
        node.Received(now, link, Frames.Request(MessageType.Fetch, "w2", fingerprint: layout.Fingerprint), null);
        Effect answer = Assert.Single(node.Effects, e => e.Kind == EffectKind.Send);
        node.Effects.Clear();
        while (now < TimeSpan.FromSeconds(34.4))
        {
            now += TimeSpan.FromSeconds(0.1);
            node.Progress(link, received: 128, sent: (long)(7 * Megabytes * now.TotalSeconds));
            node.Tick(now);
            Assert.DoesNotContain(node.Effects, e => e.Kind == EffectKind.Close && e.Connection == link);
            node.Effects.Clear();
        }

        now = TimeSpan.FromSeconds(34.6);
        node.Progress(link, received: 128, sent: long.MaxValue / 2);
        node.Tick(now);
        Assert.Contains(node.Effects, e => e.Kind == EffectKind.Close && e.Connection == link);
        answer.Message.Release();
    }

    [Fact]
    public void In_the_simulator_a_header_comes_before_its_body_and_both_are_measured()
    {
        const int values = 1_000_000;
        var network = new VirtualNetworkSettings { BytesPerSecond = RateDistribution.Constant(values * sizeof(float)), Latency = DelayDistribution.Constant(TimeSpan.FromMilliseconds(50)) };
        var cluster = new VirtualCluster(new DpwaOptions().Nodes(2), ParameterLayout.Flat(values), seed: 1, network);
        cluster.UpdateSend(1, 1);
        cluster.UpdateSend(0, 1);
        Assert.Equal(UpdateOutcome.Averaged, cluster.UpdateWait(0, 1).Outcome);
        PeerStatus peer = cluster.Node(0).Peers(cluster.Now).Single();
        Assert.Equal(0.1, peer.Latency!.Value.TotalSeconds, 1e-3);
        Assert.Equal(4 * Megabytes, peer.Throughput!.Value, 4000.0);
    }

    /// <summary>Unequal links whose latency varies widely: what adapts must not take a slow peer for a dead one. With all nodes asking as fast as they can, bodies queue up behind one another, and
    /// a few are looked for elsewhere.</summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(6, 0.03)]
    public void On_unequal_links_no_exchange_fails_for_being_as_slow_as_before(int asking, double failing)
    {
        const int nodes = 6, values = 100_000;
        var network = new VirtualNetworkSettings
        {
            BytesPerSecond = RateDistribution.LogNormal(values * sizeof(float) / 0.5, 0.7),
            Latency = DelayDistribution.LogNormal(TimeSpan.FromMilliseconds(20), 1),
        };
        var cluster = new VirtualCluster(new DpwaOptions { Timeout = TimeSpan.FromSeconds(60) }.Nodes(nodes), ParameterLayout.Flat(values), seed: 5, network);
        int steps = 0;
        for (int i = asking; i < nodes; i++)
            cluster.UpdateSend(i, 1);
        cluster.Run(TimeSpan.FromMinutes(1));
        for (int i = 0; i < asking; i++)
            Step(i);
        cluster.Run(TimeSpan.FromMinutes(10));
        Assert.InRange(steps, 200, 100_000);
        Assert.InRange(Enumerable.Range(0, asking).Sum(i => cluster.Node(i).Peers(cluster.Now).Sum(p => p.Failures)), 0, failing * steps);

        void Step(int node)
        {
            cluster.UpdateSend(node, 1);
            cluster.UpdateWait(node, 1, _ =>
            {
                steps++;
                Step(node);
            });
        }
    }

    /// <summary>One node and a peer whose latency and throughput the test sets, on virtual time.</summary>
    private sealed class Scene
    {
        private readonly long _length;
        private readonly List<(TimeSpan At, Action Action)> _coming = [];
        private TimeSpan _now;
        private long _link;
        private (TimeSpan First, double Bytes) _body;
        private long _received;

        public Scene(TimeSpan timeout, double bytes)
        {
            ParameterLayout layout = ParameterLayout.Flat((long)bytes / sizeof(float));
            _length = layout.PayloadLength;
            DpwaOptions options = new DpwaOptions { Timeout = timeout, Seed = 1 }.Nodes(2);
            Node = new GossipNode("w1", options, new Membership(options.Nodes), new Random(1), 5) { Layout = layout };
        }

        public GossipNode Node { get; }

        /// <summary>From a request to the first of its answer, in seconds.</summary>
        public double Latency { get; set; } = 10 * Milliseconds;

        /// <summary>Bytes per second.</summary>
        public double Rate { get; set; } = 100 * Megabytes;

        /// <summary>Bytes of a body that come.</summary>
        public double StopsAfter { get; set; } = double.PositiveInfinity;

        /// <summary>How long the last step took, in seconds.</summary>
        public double Waited { get; private set; }

        public PeerStatus Peer => Node.Peers(_now).Single();

        /// <summary>A step, with enough time before it for any back-off.</summary>
        public UpdateResult Step()
        {
            _now += TimeSpan.FromHours(1);
            TimeSpan start = _now;
            Node.UpdateSend(_now, 1, null);
            Node.UpdateWait(_now, 1);
            while (!Perform())
                Next();
            Waited = (_now - start).TotalSeconds;
            return Node.Decision.ToResult(_now - start);
        }

        private void Next()
        {
            TimeSpan due = Node.NextDeadline ?? TimeSpan.MaxValue;
            (TimeSpan At, Action Action) next = _coming.OrderBy(e => e.At).FirstOrDefault((TimeSpan.MaxValue, null!));
            _now = next.At <= due ? next.At : due;
            double moved = Math.Clamp((_now - _body.First).TotalSeconds * Rate, 0, _body.Bytes);
            Node.Progress(_link, _received + (long)moved, 0);
            if (next.At <= due)
            {
                _coming.Remove(next);
                next.Action();
            }
            else
            {
                Node.Tick(_now);
            }
        }

        private bool Perform()
        {
            bool decided = false;
            foreach (Effect effect in Node.Effects.ToArray())
            {
                long link = effect.Connection;
                if (effect.Kind == EffectKind.Connect)
                    Later(Latency, () => Connected(link));
                else if (effect.Kind == EffectKind.Send)
                    Answer(link, effect.Message.Header);
                else if (effect.Kind == EffectKind.Close)
                    _coming.Clear();
                decided |= effect.Kind == EffectKind.Decided;
            }

            Node.Effects.Clear();
            return decided;
        }

        private void Connected(long link)
        {
            (_link, _received, _body) = (link, 0, (TimeSpan.MaxValue, 0));
            Node.Connected(_now, link);
        }

        private void Answer(long link, MessageHeader request)
        {
            Assert.Equal(MessageType.Fetch, request.Type);
            MessageHeader header = Frames.Reply(request, MessageType.Snapshot, "w2") with { BodyLength = (ulong)_length };
            double takes = StopsAfter < _length ? double.PositiveInfinity : _length / Rate;
            (_received, _body) = ((long)(_received + _body.Bytes), (TimeSpan.MaxValue, 0));
            Later(Latency, () =>
            {
                _body = (_now, Math.Min(_length, StopsAfter));
                Assert.Equal(FailureKind.None, Node.Admit(_now, link, header).Kind);
            });
            Later(Latency + takes, () => Node.Received(_now, link, header, new NoBytes(_length)));
        }

        private void Later(double seconds, Action action)
        {
            if (double.IsFinite(seconds))
                _coming.Add((_now + TimeSpan.FromSeconds(seconds), action));
        }
    }

    /// <summary>A body that nobody reads.</summary>
    private sealed class NoBytes(long length) : IPayload
    {
        public long Length => length;

        public Memory<byte> Segment(int index) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
