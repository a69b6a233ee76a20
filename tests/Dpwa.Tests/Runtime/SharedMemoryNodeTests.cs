using System.Diagnostics;
using System.Globalization;
using Dpwa.Protocol;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Runtime;

/// <summary>Nodes of one host, whose snapshots are read in place.</summary>
public class SharedMemoryNodeTests
{
    private const int Limit = 60_000;
    private const int Length = 1000;

    private static readonly DpwaOptions Shared = new() { Seed = 1, Timeout = TimeSpan.FromSeconds(20), Transport = TransportChoice.SharedMemory };

    public SharedMemoryNodeTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Shared memory is Linux's.");

    [Fact(Timeout = Limit)]
    public async Task A_fetch_sends_the_peer_nothing_once_its_memory_is_known()
    {
        await using Mesh mesh = Mesh.Published(2, i => Filled(i + 1), Shared);
        float[] mine = Filled(1), theirs = Filled(3);
        await Step(mesh.Nodes[0], mine);
        await Step(mesh.Nodes[1], theirs);
        long before = Inside.Received(mesh.Nodes[1]);
        for (int step = 0; step < 10; step++)
        {
            mesh.Nodes[1].UpdateSend(theirs, step);
            mesh.Nodes[0].UpdateSend(mine, 1);
            UpdateResult result = await Task.Run(() => mesh.Nodes[0].UpdateWait(mine, 1));
            Assert.Equal((UpdateOutcome.Averaged, "w2", (double)step), (result.Outcome, result.Peer, result.PeerLoss));
        }

        Assert.Equal(before, Inside.Received(mesh.Nodes[1]));
        await Eventually.NothingIsLeased(mesh.Nodes);
    }

    [Fact(Timeout = Limit)]
    public async Task What_is_mixed_is_what_the_peer_published_last_before_the_wait()
    {
        await using Mesh mesh = Mesh.Published(2, i => Filled(0), Shared with { ConstantValue = 1 });
        float[] mine = Filled(0);
        await Step(mesh.Nodes[0], mine);
        mesh.Nodes[0].UpdateSend(mine, 1);
        mesh.Nodes[1].UpdateSend(Filled(7), 1);
        await Task.Run(() => mesh.Nodes[0].UpdateWait(mine, 1));
        Assert.All(mine, v => Assert.Equal(7f, v));
    }

    /// <summary>PEERS: a stopped peer. Its memory can still be read; that it does not answer is noticed by a message, as over TCP.</summary>
    [Fact(Timeout = Limit)]
    public async Task A_peer_that_has_long_published_nothing_is_asked_whether_it_lives()
    {
        var time = new SkippingTime();
        await using Mesh mesh = Mesh.Published(2, i => Filled(i + 1), Shared with { TimeProvider = time });
        float[] mine = Filled(1);
        for (int step = 0; step < 3; step++)
            await Step(mesh.Nodes[0], mine);
        Assert.Equal(MessageHeader.Size, Inside.Received(mesh.Nodes[1]));
        time.Skip(Shared.Timeout);
        await Step(mesh.Nodes[0], mine);
        Assert.Equal(MessageHeader.Size, Inside.Received(mesh.Nodes[1]));
        await Step(mesh.Nodes[0], mine);
        Assert.Equal(2 * MessageHeader.Size, Inside.Received(mesh.Nodes[1]));
    }

    [Fact(Timeout = Limit)]
    public async Task With_auto_a_node_that_shares_nothing_is_read_over_tcp()
    {
        await using var sharing = new DpwaConnection("w1", Shared with { Nodes = [new("w1", "127.0.0.1", 0)], Transport = TransportChoice.Auto });
        await using var other = new DpwaConnection("w2", Shared with { Nodes = [new("w2", "127.0.0.1", 0)], Transport = TransportChoice.Tcp });
        float[] mine = Filled(1);
        other.UpdateSend(Filled(3), 1);
        sharing.UpdateSend(mine, 1);
        await Task.Run(() => sharing.UpdateWait(mine, 1));
        sharing.AddPeer(new("w2", "127.0.0.1", Pair.PortOf(other.ListenEndPoint)));
        for (int step = 0; step < 2; step++)
            await Step(sharing, mine);
        Assert.All(mine, v => Assert.Equal(2.5f, v));
    }

    [Fact(Timeout = Limit)]
    public async Task With_shared_memory_a_node_that_shares_nothing_is_refused_and_told_why()
    {
        await using var sharing = new DpwaConnection("w1", Shared with { Nodes = [new("w1", "127.0.0.1", 0)] });
        await using var other = new DpwaConnection("w2", Shared with { Nodes = [new("w2", "127.0.0.1", 0)], Transport = TransportChoice.Tcp });
        float[] mine = Filled(1);
        other.UpdateSend(Filled(3), 1);
        sharing.AddPeer(new("w2", "127.0.0.1", Pair.PortOf(other.ListenEndPoint)));
        sharing.UpdateSend(mine, 1);
        UpdateResult result = await Task.Run(() => sharing.UpdateWait(mine, 1));
        Assert.Equal(UpdateOutcome.Rejected, result.Outcome);
        Assert.Contains("shares no memory; 'transport: auto' fetches over TCP", result.Reason, StringComparison.Ordinal);
        Assert.All(mine, v => Assert.Equal(1f, v));
    }

    /// <summary>Disposing one side, in any order, while the other reads on: what was read is whole, and the process lives.</summary>
    [Fact(Timeout = Limit)]
    public async Task A_publisher_that_leaves_takes_nothing_from_under_its_readers()
    {
        for (int round = 0; round < 5; round++)
        {
            await using Mesh mesh = Mesh.Published(2, i => Filled(1, 100_000), Shared);
            float[] mine = Filled(1, 100_000);
            await Step(mesh.Nodes[0], mine);
            Task leaving = Task.Run(async () => await mesh.Nodes[1].DisposeAsync());
            for (int step = 0; step < 20; step++)
            {
                mesh.Nodes[0].UpdateSend(mine, 1);
                await Task.Run(() => mesh.Nodes[0].UpdateWait(mine, 1));
                Assert.All(mine, v => Assert.Equal(1f, v));
            }

            await leaving;
        }
    }

    [Fact(Timeout = Limit)]
    public async Task A_reader_that_is_killed_in_the_middle_of_mixing_leaves_nothing_held()
    {
        await using var node = new DpwaConnection("w1", Shared with { Nodes = [new("w1", "127.0.0.1", 0)] });
        node.UpdateSend(Filled(1), 1);
        int port = Pair.PortOf(node.ListenEndPoint);
        using Process reader = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Dpwa.TestWorker.dll"), "hold", port.ToString(CultureInfo.InvariantCulture), "1000"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        Assert.Equal("holding", await reader.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1, Inside.Leased(node));
        for (int step = 0; step < 5; step++)
            node.UpdateSend(Filled(step), 1);
        Assert.Equal(1, Inside.Leased(node));

        reader.Kill();
        await reader.WaitForExitAsync(TestContext.Current.CancellationToken);
        await Eventually.NothingIsLeased(node);
        await Eventually.Is(() => Inside.Running(node) == 0, "the connection is gone");
    }

    private static async Task Step(DpwaConnection node, float[] values)
    {
        node.UpdateSend(values, 1);
        UpdateResult result = await Task.Run(() => node.UpdateWait(values, 1));
        Assert.True(result.Outcome == UpdateOutcome.Averaged, result.Reason);
    }

    private static float[] Filled(float value, int length = Length) => [.. Enumerable.Repeat(value, length)];
}
