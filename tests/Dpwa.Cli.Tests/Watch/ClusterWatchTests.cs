using Dpwa.Cli.Tests.Support;
using Dpwa.Exchange;
using Dpwa.Launch.Watch;
using Microsoft.Extensions.Time.Testing;

namespace Dpwa.Cli.Tests.Watch;

public sealed class ClusterWatchTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly FakeNode _w1, _w2, _w3;
    private readonly ClusterWatch _watch;

    public ClusterWatchTests()
    {
        (_w1, _w2, _w3) = (new("w1", _time), new("w2", _time), new("w3", _time));
        FakeNode[] nodes = [_w1, _w2, _w3];
        _watch = new([.. nodes.Select(node => node.Node)], node => nodes.Single(fake => fake.Node == node), 2 * Second, _time);
    }

    public void Dispose() => _watch.Dispose();

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Rates_are_by_steps_enough_and_seconds_enough()
    {
        _w1.Step(100, samples: 3200);
        Assert.Null((await NextAsync()).Nodes[0].StepsPerSecond);
        for (var second = 0; second < 10; second++)
        {
            _time.Advance(Second);
            _w1.Step(8, samples: 256);
            _w1.Knows("w2", 1000, received: 1000 * (second + 1), sent: 500 * (second + 1));
            _w2.Step(second % 2);
            await NextAsync();
        }

        var view = await NextAsync();
        Assert.Equal((8, 256, 500), (view.Nodes[0].StepsPerSecond, view.Nodes[0].SamplesPerSecond, view.Nodes[0].BytesOutPerSecond));
        Assert.Equal((10_000L, 5000L, 1000d), (view.Nodes[0].BytesIn, view.Nodes[0].BytesOut, view.Nodes[0].BytesInPerSecond));
        // Its last four steps took seven seconds.
        Assert.Equal((4 / 7d, null), (view.Nodes[1].StepsPerSecond!.Value, view.Nodes[1].SamplesPerSecond));
        Assert.Equal((0, 8 + 4 / 7d, 256), (view.Nodes[2].StepsPerSecond, view.StepsPerSecond, view.SamplesPerSecond));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task One_answer_tells_the_rate_by_when_the_node_exchanged()
    {
        for (var second = 0; second < 90; second++)
        {
            _w1.Exchange("w2");
            _w1.Exchange("w3");
            _time.Advance(Second);
        }

        _w1.Status = _w1.Status! with { Samples = 180 * 32 };
        var view = (await NextAsync()).Nodes[0];

        Assert.Equal(2, view.StepsPerSecond!.Value, 0.05);
        Assert.Equal(64, view.SamplesPerSecond!.Value, 1.6);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Who_is_gone_is_remembered_and_who_is_back_counts_anew()
    {
        _w2.Status = null;
        _w1.Step(50);
        var start = _time.GetUtcNow();
        var first = await NextAsync();
        Assert.Equal((WatchState.NotAnswering, null, FailureKind.Unreachable), (first.Nodes[1].State, first.Nodes[1].Status, first.Nodes[1].Failure!.Value.Kind));

        _time.Advance(Second);
        await NextAsync();
        _w1.Status = null;
        _time.Advance(Second);
        await NextAsync();
        _time.Advance(Second);
        var gone = (await NextAsync()).Nodes[0];
        Assert.Equal((WatchState.NotAnswering, start + 2 * Second, start + Second, 50L), (gone.State, gone.Since, gone.AnsweredAt, gone.Status!.Round));
        Assert.Equal((null, null), (gone.StepsPerSecond, gone.BytesInPerSecond));

        _w1.Status = FakeNode.Fresh("w1", _time, incarnation: 2);
        _time.Advance(Second);
        var back = (await NextAsync()).Nodes[0];
        Assert.Equal((WatchState.Running, start + 4 * Second, 0L, null), (back.State, back.Since, back.Status!.Round, back.StepsPerSecond));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Who_has_said_goodbye_has_left_and_a_score_is_the_mean_of_what_others_give()
    {
        _w3.Status = null;
        _w1.Knows("w3", 500, PeerState.Left);
        _w2.Knows("w3", 700);
        _w1.Knows("w2", 900);

        var view = await NextAsync();

        Assert.Equal((WatchState.Left, 600d), (view.Nodes[2].State, view.Nodes[2].Score));
        Assert.Equal((WatchState.Running, 900d, null), (view.Nodes[1].State, view.Nodes[1].Score, view.Nodes[0].Score));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_node_that_does_not_answer_holds_a_round_no_longer_than_the_time_out()
    {
        await NextAsync();
        _w2.IsSuspended = true;
        var asking = _watch.AskAsync(TestContext.Current.CancellationToken);
        Assert.False(asking.IsCompleted);

        _time.Advance(2 * Second);

        var view = await asking;
        Assert.Equal((FailureKind.TimedOut, "w2 at 127.0.0.1:24000 did not answer within 2 s"), (view.Nodes[1].Failure!.Value.Kind, view.Nodes[1].Failure!.Value.Text));
        Assert.Equal([WatchState.Running, WatchState.NotAnswering, WatchState.Running], view.Nodes.Select(node => node.State));
        _w2.IsSuspended = false;
        Assert.Equal(WatchState.Running, (await NextAsync()).Nodes[1].State);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Exchanges_are_news_once_and_the_last_failure_is_remembered()
    {
        _w1.Exchange("w2");
        _w1.Exchange("w3", UpdateOutcome.TimedOut, "w3 is slow");
        Assert.Equal([1, 2], (await NextAsync()).Nodes[0].News.Select(exchange => exchange.Number));
        _w1.Exchange("w2");

        var view = (await NextAsync()).Nodes[0];

        Assert.Equal((3, "w3 is slow"), (Assert.Single(view.News).Number, view.LastFailure?.Reason));
        _w1.Status = null;
        Assert.Empty((await NextAsync()).Nodes[0].News);
        _w1.Status = FakeNode.Fresh("w1", _time, incarnation: 2);
        Assert.Null((await NextAsync()).Nodes[0].LastFailure);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_clock_is_compared_with_the_middle_of_question_and_answer()
    {
        (_w1.Takes, _w1.Ahead) = (TimeSpan.FromMilliseconds(200), TimeSpan.FromMinutes(-1));

        var view = (await NextAsync()).Nodes[0];

        Assert.Equal((TimeSpan.FromMinutes(-1), TimeSpan.FromMilliseconds(200)), (view.ClockOffset, view.RoundTrip));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Distance_and_spread_are_those_of_who_runs_the_model_that_most_have()
    {
        (FakeNode Node, ulong Model, float At, double Clock, double Loss)[] all = [(_w1, 1, 1, 10, 1), (_w2, 1, 4, 12.5, 3), (_w3, 2, 100, 11, 2)];
        foreach (var (node, model, at, clock, loss) in all) node.Status = node.Status! with { Fingerprint = model, Sketch = [at, 0], Clock = clock, Loss = loss };

        var view = await NextAsync();
        Assert.Equal((1.5, 2.5, 2), (view.ConsensusDistance!.Value, view.ClockSpread!.Value, view.MeanLoss!.Value));

        _w2.Status = null;
        view = await NextAsync();
        Assert.Equal((null, 1), (view.ConsensusDistance, view.ClockSpread));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Rounds_come_at_once_and_then_each_interval_and_the_queries_end_with_the_watch()
    {
        using var stop = new CancellationTokenSource();
        var views = _watch.WatchAsync(5 * Second, stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(await views.MoveNextAsync());
        var next = views.MoveNextAsync();
        Assert.Equal((1, false), (_w1.Asked, next.IsCompleted));
        _time.Advance(5 * Second);
        Assert.True(await next);
        Assert.Equal(2, _w1.Asked);

        next = views.MoveNextAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
        _watch.Dispose();
        Assert.True(_w1.IsDisposed && _w2.IsDisposed && _w3.IsDisposed);
    }

    private Task<ClusterView> NextAsync() => _watch.AskAsync(TestContext.Current.CancellationToken);
}
