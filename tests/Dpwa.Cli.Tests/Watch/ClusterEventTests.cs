using Dpwa.Cli.Tests.Support;
using Dpwa.Launch.Watch;
using Microsoft.Extensions.Time.Testing;

namespace Dpwa.Cli.Tests.Watch;

public sealed class ClusterEventTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeNode[] _nodes;
    private readonly ClusterWatch _watch;

    public ClusterEventTests()
    {
        _nodes = [.. Enumerable.Range(1, 5).Select(i => new FakeNode($"w{i}", _time))];
        foreach (var node in _nodes)
        {
            foreach (var peer in _nodes.Where(peer => peer != node)) node.Knows(peer.Node.Name, 1000);
        }

        _watch = new([.. _nodes.Select(node => node.Node)], node => _nodes.Single(fake => fake.Node == node), TimeSpan.FromSeconds(2), _time);
    }

    public void Dispose() => _watch.Dispose();

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_node_that_goes_and_comes_is_told_once_each_time()
    {
        var running = await AskAsync();
        Assert.Empty(ClusterEvent.Between(running, await AskAsync()));
        _nodes[0].Status = null;
        var gone = await AskAsync();
        var still = await AskAsync();
        _nodes[0].Status = FakeNode.Fresh("w1", _time, incarnation: 2);
        var back = await AskAsync();

        Assert.Equal("w1 does not answer any more: w1 at 127.0.0.1:24000 cannot be reached: nothing listens there", Single(running, gone, isBad: true));
        Assert.Empty(ClusterEvent.Between(gone, still));
        Assert.Equal("w1 was started again (process 100)", Single(still, back, isBad: false));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Who_starts_late_runs_who_was_suspended_answers_again_and_who_said_goodbye_has_left()
    {
        (var before, _nodes[4].Status) = (_nodes[4].Status, null);
        var early = await AskAsync();
        _nodes[4].Status = before;
        var late = await AskAsync();
        _nodes[4].Status = null;
        var gone = await AskAsync();
        _nodes[4].Status = before;
        var again = await AskAsync();
        _nodes[4].Status = null;
        _nodes[0].Knows("w5", 1000, PeerState.Left);
        var left = await AskAsync();

        Assert.Equal("w5 runs (process 100)", Single(early, late, isBad: false));
        Assert.Equal("w5 answers again", Single(gone, again, isBad: false));
        Assert.Equal("w5 has left", Single(again, left, isBad: false));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_peer_that_fails_is_one_event_for_all_who_say_so_and_one_when_it_is_over()
    {
        var well = await AskAsync();
        foreach (var node in _nodes[..4]) node.Knows("w5", 900, PeerState.BackingOff, "w5 is slow");
        var failing = await AskAsync();
        foreach (var node in _nodes[..4]) node.Knows("w5", 800, PeerState.BackingOff, "w5 is very slow");
        var worse = await AskAsync();
        _nodes[0].Knows("w5", 810);
        var better = await AskAsync();

        Assert.Equal("w1, w2, w3 and 1 more failed to exchange with w5: w5 is slow", Single(well, failing, isBad: true));
        Assert.Empty(ClusterEvent.Between(failing, worse));
        Assert.Equal("w1 exchanges with w5 again", Single(worse, better, isBad: false));
    }

    private static string Single(ClusterView before, ClusterView after, bool isBad)
    {
        var change = Assert.Single(ClusterEvent.Between(before, after));
        Assert.Equal((isBad, after.At), (change.IsBad, change.At));
        return change.Text;
    }

    private Task<ClusterView> AskAsync() => _watch.AskAsync(TestContext.Current.CancellationToken);
}
