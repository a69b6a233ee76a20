using Dpwa.Protocol;
using Dpwa.Tests.Hostile;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Runtime;

/// <summary>PEERS: "no shutdown: the process never exits".</summary>
public class DisposeTests
{
    private const int Limit = 60_000;
    private const int Large = 4_000_000;

    [Fact(Timeout = Limit)]
    public async Task The_port_is_free_at_once_even_after_connections_on_it()
    {
        await using var other = Mesh.Start(1);
        var self = new DpwaNode("w9", "127.0.0.1", 0);
        for (int life = 0; life < 3; life++)
        {
            var node = new DpwaConnection("w9", new DpwaOptions { Nodes = [self] });
            self = self with { Port = Pair.PortOf(node.ListenEndPoint) };
            other.Nodes[0].AddPeer(self);
            node.UpdateSend([2], 1);
            float[] values = [1];
            other.Nodes[0].UpdateSend(values, 1);
            UpdateResult result = await Task.Run(() => other.Nodes[0].UpdateWait(values, 1));
            Assert.True(life > 0 || result.Outcome == UpdateOutcome.Averaged, result.Reason);
            await node.DisposeAsync();
        }
    }

    [Fact(Timeout = Limit)]
    public async Task The_port_is_taken_while_a_node_lives_and_the_error_says_so()
    {
        await using var mesh = Mesh.Start(1);
        int port = Pair.PortOf(mesh.Nodes[0].ListenEndPoint);
        DpwaBindException e = Assert.Throws<DpwaBindException>(() => new DpwaConnection("w1", new DpwaOptions { Nodes = [new DpwaNode("w1", "127.0.0.1", port)] }));
        Assert.True(e.IsTransient);
        Assert.Contains($"port {port} of 127.0.0.1 is in use", e.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task Disposing_releases_a_trainer_that_waits()
    {
        var asked = new TaskCompletionSource();
        await using var scene = new HostileScene(
            new HostilePeer(async visit =>
            {
                await visit.Request();
                asked.SetResult();
                await visit.Stall();
            }),
            o => o with { Timeout = TimeSpan.FromSeconds(50) });
        scene.Node.UpdateSend(scene.Values, 1);
        await asked.Task;
        Task<UpdateResult> waiting = Task.Run(() => scene.Node.UpdateWait(scene.Values, 1));
        await scene.Node.DisposeAsync();
        UpdateResult result = default;
        try
        {
            result = await waiting;
        }
        catch (ObjectDisposedException)
        {
            // The pool had not begun the call yet.
            result = result with { Outcome = UpdateOutcome.NotFetching };
        }

        Assert.Equal(UpdateOutcome.NotFetching, result.Outcome);
        Assert.All(scene.Values, v => Assert.Equal(1f, v));
    }

    [Fact(Timeout = Limit)]
    public async Task Disposing_releases_a_trainer_that_awaits()
    {
        await using var scene = new HostileScene(new HostilePeer(visit => visit.Stall()), o => o with { Timeout = TimeSpan.FromSeconds(2) });
        scene.Node.UpdateSend(scene.Values, 1);
        ValueTask<UpdateResult> waiting = scene.Node.UpdateWaitAsync(scene.Values, 1);
        await scene.Node.DisposeAsync();
        Assert.Equal(UpdateOutcome.NotFetching, (await waiting).Outcome);
    }

    [Fact(Timeout = Limit)]
    public async Task Disposing_completes_while_a_client_is_stuck_and_every_lease_ends()
    {
        float[] values = new float[Large];
        HostileScene scene = await HostileScene.Published(values, HostileScene.Impatient);
        using RawClient client = await RawClient.Connect(scene.Port);
        await client.Send(Frames.Request(MessageType.Fetch, "client", fingerprint: ParameterLayout.Flat(Large).Fingerprint));
        await Eventually.Is(() => Inside.HoldsLeases(scene.Node), "the client is being served");
        await scene.DisposeAsync();
        Assert.False(Inside.HoldsLeases(scene.Node));
        Assert.Equal(0, Inside.Running(scene.Node));
    }

    [Fact(Timeout = Limit)]
    public async Task Disposing_completes_while_a_peer_is_stuck_in_every_phase()
    {
        foreach (int part in new[] { 0, 64, 128, 300 })
        {
            var scene = new HostileScene(
                new HostilePeer(async visit =>
                {
                    await visit.Send(Answers.Part(await visit.Request(), part));
                    await visit.Stall();
                }),
                o => o with { Timeout = TimeSpan.FromSeconds(50) });
            scene.Node.UpdateSend(scene.Values, 1);
            await Eventually.Is(() => Inside.Received(scene.Node) >= part, "the part has come");
            await scene.DisposeAsync();
            Assert.Equal(0, Inside.Running(scene.Node));
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Disposing_while_an_exchange_is_ready_and_nobody_took_it()
    {
        await using var mesh = Mesh.Start(2);
        mesh.Nodes[1].UpdateSend([2], 1);
        mesh.Nodes[0].UpdateSend([1], 1);
        await Eventually.Is(() => mesh.Nodes[0].Peers[0].Exchanges == 1, "the exchange is ready");
        await mesh.Nodes[0].DisposeAsync();
        await Eventually.NothingIsLeased(mesh.Nodes);
    }

    [Fact(Timeout = Limit)]
    public async Task Disposing_twice_and_from_several_threads_at_once()
    {
        var mesh = Mesh.Start(2);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(mesh.Nodes[0].Dispose)));
        await mesh.DisposeAsync();
        await mesh.DisposeAsync();
    }

    [Fact(Timeout = Limit)]
    public async Task After_disposing_every_update_says_so()
    {
        var mesh = Mesh.Start(1);
        await mesh.DisposeAsync();
        DpwaConnection node = mesh.Nodes[0];
        Assert.Throws<ObjectDisposedException>(() => node.UpdateSend([1], 1));
        Assert.Throws<ObjectDisposedException>(() => node.UpdateWait(new float[1], 1));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => node.UpdateWaitAsync(new float[1], 1).AsTask());
        Assert.Empty(node.Peers);
        Assert.Equal(0, node.Clock);
    }

    /// <summary>Whole clusters that come and go under load leave nothing behind and never lock up.</summary>
    [Fact(Timeout = Limit)]
    public async Task Disposing_in_the_middle_of_everything()
    {
        for (int round = 0; round < 10; round++)
        {
            var mesh = Mesh.Start(3, new DpwaOptions { Timeout = TimeSpan.FromMilliseconds(500), Transport = TransportChoice.Tcp });
            Task[] trainers = [.. mesh.Nodes.Select(node => Task.Run(() =>
            {
                float[] values = new float[50_000];
                try
                {
                    while (true)
                    {
                        node.UpdateSend(values, 1);
                        node.UpdateWait(values, 1);
                    }
                }
                catch (ObjectDisposedException)
                {
                    // As it should be.
                }
            }))];
            await Eventually.Is(() => mesh.Nodes.Sum(n => n.Peers.Sum(p => p.Exchanges)) > 10 * round, "they work");
            foreach (DpwaConnection node in mesh.Nodes)
                await node.DisposeAsync();
            await Task.WhenAll(trainers);
            Assert.DoesNotContain(mesh.Nodes, Inside.HoldsLeases);
            Assert.All(mesh.Nodes, n => Assert.Equal(0, Inside.Running(n)));
        }
    }
}
