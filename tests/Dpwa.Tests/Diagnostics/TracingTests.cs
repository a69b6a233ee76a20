using System.Collections.Concurrent;
using System.Diagnostics;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Diagnostics;

/// <summary>The activity source <c>Dpwa</c>, and the event for each exchange. The source is the whole process's.</summary>
[Collection(AloneCollection.Name)]
public class TracingTests
{
    private const int Limit = 60_000;

    [Fact(Timeout = Limit)]
    public async Task An_exchange_is_one_activity_below_the_steps_own()
    {
        await using Mesh mesh = Mesh.Published(2, _ => [1]);
        using var traces = new Traces();
        using var step = new Activity("step");
        step.Start();
        float[] values = [2];
        mesh.Nodes[0].UpdateSend(values, 1);
        Assert.Same(step, Activity.Current);
        UpdateResult result = await mesh.Nodes[0].UpdateWaitAsync(values, 1);
        Assert.Same(step, Activity.Current);

        Activity exchange = Assert.Single(traces.Of("w1"));
        Assert.Equal(("dpwa.exchange", step.SpanId, ActivityStatusCode.Unset), (exchange.OperationName, exchange.ParentSpanId, exchange.Status));
        Assert.Equal(("w2", "averaged", 0.5, result.Bytes), (exchange.GetTagItem("dpwa.peer"), exchange.GetTagItem("dpwa.outcome"), exchange.GetTagItem("dpwa.factor"), exchange.GetTagItem("dpwa.bytes")));
        Assert.True(exchange.Duration >= result.Transfer && exchange.StartTimeUtc >= step.StartTimeUtc);
    }

    [Fact(Timeout = Limit)]
    public async Task One_in_vain_is_an_error_that_says_why_and_a_step_without_one_has_none()
    {
        await using Mesh mesh = Mesh.Start(1);
        using var traces = new Traces();
        float[] values = [2];
        mesh.Nodes[0].UpdateSend(values, 1);
        UpdateResult result = mesh.Nodes[0].UpdateWait(values, 1);
        mesh.Nodes[0].UpdateWait(values, 1);

        Activity exchange = Assert.Single(traces.Of("w1"));
        Assert.Equal((ActivityStatusCode.Error, result.Reason, "no_peer"), (exchange.Status, exchange.StatusDescription, exchange.GetTagItem("error.type")));
        Assert.Null(exchange.GetTagItem("dpwa.factor"));
    }

    [Fact(Timeout = Limit)]
    public async Task Who_asked_is_told_of_each_exchange_on_the_trainers_thread()
    {
        await using Mesh mesh = Mesh.Published(2, _ => [1]);
        var told = new List<(object? Sender, UpdateResult Result, int Thread)>();
        mesh.Nodes[0].Exchanged += (sender, result) => told.Add((sender, result, Environment.CurrentManagedThreadId));
        float[] values = [2];
        mesh.Nodes[0].UpdateSend(values, 1);
        UpdateResult result = mesh.Nodes[0].UpdateWait(values, 1);
        mesh.Nodes[0].UpdateWait(values, 1);
        Assert.Equal((mesh.Nodes[0], result, Environment.CurrentManagedThreadId), Assert.Single(told));
    }

    private sealed class Traces : IDisposable
    {
        private readonly ConcurrentQueue<Activity> _ended = new();
        private readonly ActivityListener _listener;

        public Traces()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "Dpwa",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = _ended.Enqueue,
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public IEnumerable<Activity> Of(string node) => _ended.Where(a => (string?)a.GetTagItem("dpwa.node") == node);

        public void Dispose() => _listener.Dispose();
    }
}
