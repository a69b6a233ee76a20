using Dpwa.Exchange;
using Dpwa.Runtime;
using Dpwa.Tests.Hostile;
using Dpwa.Tests.Support;
using Dpwa.Transport;
using Dpwa.Transport.Tcp;

namespace Dpwa.Tests.Status;

/// <summary>A node says how it is, over its own protocol.</summary>
public class StatusTests
{
    private const int Limit = 60_000;

    [Fact(Timeout = Limit)]
    public async Task Who_asks_is_told_what_the_steps_came_to_and_each_exchange_once()
    {
        await using Mesh mesh = Mesh.Published(2, i => [i, i, i]);
        float[] values = [0, 0, 0];
        using NodeQuery query = Query(mesh.Nodes[0]);
        NodeStatus first = await query.AskAsync(withSketch: true, TestContext.Current.CancellationToken);
        Assert.Equal(("w1", 1L, 1d), (first.Name, first.Round, first.Clock));
        ExchangeRecord alone = Assert.Single(first.Exchanges);
        Assert.Equal((1L, UpdateOutcome.NoPeer), (alone.Number, alone.Outcome));
        Assert.StartsWith("there is no peer", alone.Reason, StringComparison.Ordinal);

        mesh.Nodes[0].AddSamples(32);
        mesh.Nodes[0].UpdateSend(values, 0.25);
        Assert.Equal(UpdateOutcome.Averaged, (await Task.Run(() => mesh.Nodes[0].UpdateWait(values, 0.25))).Outcome);
        NodeStatus second = await query.AskAsync(withSketch: true, TestContext.Current.CancellationToken);

        Assert.Equal((2L, 0.25, 32L, 1L, 1L), (second.Round, second.Loss, second.Samples, second.Averaged, second.Failed));
        ExchangeRecord averaged = Assert.Single(second.Exchanges);
        Assert.Equal((2L, 2L, UpdateOutcome.Averaged, "w2", 0.5), (averaged.Number, averaged.Round, averaged.Outcome, averaged.Peer, averaged.Factor));
        Assert.Null(averaged.Reason);
        Assert.Equal("w2", Assert.Single(second.Peers).Name);
        Assert.Equal((2L, 3L), (second.PublishedRound, second.Elements));
        Assert.Empty((await query.AskAsync(withSketch: false, TestContext.Current.CancellationToken)).Exchanges);
        Assert.Equal(second.Incarnation, mesh.Nodes[0].Status.Incarnation);
        await Eventually.NothingIsLeased(mesh.Nodes);
    }

    [Fact(Timeout = Limit)]
    public async Task Sketches_tell_how_far_workers_are_apart()
    {
        await using Mesh mesh = Mesh.Published(2, i => [i == 0 ? 1 : 4, 0, 0]);
        var sketches = new List<IReadOnlyList<float>>();
        foreach (DpwaConnection node in mesh.Nodes)
        {
            using NodeQuery query = Query(node);
            sketches.Add((await query.AskAsync(withSketch: true, TestContext.Current.CancellationToken)).Sketch);
            Assert.Empty((await query.AskAsync(withSketch: false, TestContext.Current.CancellationToken)).Sketch);
        }

        Assert.Equal(1.5, ConsensusDistance.Estimate(sketches)!.Value, 1e-6);
    }

    [Fact(Timeout = Limit)]
    public async Task With_a_subset_there_is_no_sketch_and_before_the_first_step_neither()
    {
        await using Mesh mesh = Mesh.Published(1, _ => new float[100], new DpwaOptions { Subset = 0.5 });
        using NodeQuery query = Query(mesh.Nodes[0]);
        Assert.Empty((await query.AskAsync(withSketch: true, TestContext.Current.CancellationToken)).Sketch);
        await Eventually.NothingIsLeased(mesh.Nodes);
        await using Mesh fresh = Mesh.Start(1);
        using NodeQuery early = Query(fresh.Nodes[0]);
        NodeStatus status = await early.AskAsync(withSketch: true, TestContext.Current.CancellationToken);
        Assert.Equal((0L, null, 0ul, 0), (status.Round, status.PublishedRound, status.Fingerprint, status.Sketch.Count));
    }

    /// <summary>A long run keeps the last of them.</summary>
    [Fact(Timeout = Limit)]
    public async Task The_last_exchanges_are_kept()
    {
        await using Mesh mesh = Mesh.Start(1);
        float[] values = [1];
        for (int step = 0; step < 600; step++)
        {
            mesh.Nodes[0].UpdateSend(values, double.NaN);
            mesh.Nodes[0].UpdateWait(values, double.NaN);
        }

        NodeStatus status = mesh.Nodes[0].Status;
        Assert.Equal((512, 89L, 600L), (status.Exchanges.Count, status.Exchanges[0].Number, status.Exchanges[^1].Number));
        Assert.Equal((600L, 600L, null), (status.Failed, status.Round, status.Loss));
    }

    [Theory(Timeout = Limit)]
    [InlineData("not json", "a status that cannot be read")]
    [InlineData("{}", "a status that cannot be read")]
    [InlineData("null", "a status that cannot be read")]
    public async Task An_answer_that_is_none_is_refused(string body, string why)
    {
        await using var evil = new HostilePeer(async visit =>
        {
            while (true)
                await visit.Send(Frames.Of(Frames.Reply(await visit.Request(), Dpwa.Protocol.MessageType.Status, HostilePeer.Name), System.Text.Encoding.UTF8.GetBytes(body)));
        });
        using var query = new NodeQuery(new TcpTransport(), evil.Node, new DpwaOptions { Nodes = [evil.Node] });
        TransportException e = await Assert.ThrowsAsync<TransportException>(() => query.AskAsync(withSketch: true, TestContext.Current.CancellationToken));
        Assert.EndsWith(why, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_node_sends_can_neither_steer_a_terminal_nor_be_null()
    {
        NodeStatus status = NodeStatus.TryDecode("""
            {"name":null,"version":"1\u001b[2J","incarnation":1,"process":1,"started":"2026-01-01T00:00:00Z","now":"2026-01-01T00:00:00Z","outcomes":null,"sketch":null,
             "peers":[null,{"lastError":"a\nb"}],"exchanges":[{"peer":"\u202ew2","reason":"\u0007"}]}
            """u8)!;

        Assert.Equal(("", "1 [2J", 0, 0), (status.Name, status.Version, status.Outcomes.Count, status.Sketch.Count));
        Assert.Equal(("", "", "a b"), (status.Peers[0].Name, status.Peers[0].Endpoint, status.Peers[0].LastError));
        Assert.Equal((" w2", " "), (status.Exchanges[0].Peer, status.Exchanges[0].Reason));
        Assert.Empty(NodeStatus.TryDecode("""{"name":"w1","version":"1","incarnation":1,"process":1,"started":"2026-01-01T00:00:00Z","now":"2026-01-01T00:00:00Z","peers":null,"exchanges":null}"""u8)!.Peers);
    }

    [Fact(Timeout = Limit)]
    public async Task A_node_that_was_started_again_is_asked_on_a_fresh_connection_and_counts_anew()
    {
        var node = new DpwaNode("w1", "127.0.0.1", 0);
        var options = new DpwaOptions { Nodes = [node] };
        var first = new DpwaConnection("w1", options);
        node = node with { Port = Pair.PortOf(first.ListenEndPoint) };
        using var query = new NodeQuery(new TcpTransport(), node, options);
        first.UpdateSend([1], 1);
        first.UpdateWait([1], 1);
        NodeStatus before = await query.AskAsync(withSketch: false, TestContext.Current.CancellationToken);
        Assert.Single(before.Exchanges);
        await first.DisposeAsync();
        await Assert.ThrowsAsync<TransportException>(() => query.AskAsync(withSketch: false, TestContext.Current.CancellationToken));

        await using var second = new DpwaConnection("w1", options with { Nodes = [node] });
        NodeStatus after = await query.AskAsync(withSketch: false, TestContext.Current.CancellationToken);
        Assert.True(after.Incarnation > before.Incarnation);
        second.UpdateSend([1], 1);
        second.UpdateWait([1], 1);
        Assert.Single((await query.AskAsync(withSketch: false, TestContext.Current.CancellationToken)).Exchanges);
    }

    private static NodeQuery Query(DpwaConnection node) => new(
        new TcpTransport(), new DpwaNode(node.Status.Name, "127.0.0.1", Pair.PortOf(node.ListenEndPoint)), new DpwaOptions { Nodes = [new DpwaNode(node.Status.Name, "127.0.0.1", 1)] });
}
