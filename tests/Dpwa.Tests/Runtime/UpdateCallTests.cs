using Dpwa.Protocol;
using Dpwa.Tests.Hostile;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Runtime;

/// <summary>The calls of one trainer in every order.</summary>
public class UpdateCallTests
{
    private const int Limit = 60_000;

    [Fact(Timeout = Limit)]
    public async Task UpdateWait_without_UpdateSend_is_not_fetching()
    {
        await using var mesh = Mesh.Start(2);
        float[] values = [1, 2];
        Assert.Equal(default(UpdateResult) with { Outcome = UpdateOutcome.NotFetching }, mesh.Nodes[0].UpdateWait(values, 1));
        mesh.Nodes[0].UpdateSend(values, 1);
        mesh.Nodes[0].UpdateWait(values, 1);
        Assert.Equal(UpdateOutcome.NotFetching, mesh.Nodes[0].UpdateWait(values, 1).Outcome);
        Assert.Equal(UpdateOutcome.NotFetching, (await mesh.Nodes[0].UpdateWaitAsync(values, 1)).Outcome);
        Assert.Equal([1f, 2f], values);
    }

    [Fact(Timeout = Limit)]
    public async Task A_step_that_is_not_drawn_fetches_nothing_but_publishes()
    {
        await using var mesh = Mesh.Start(2, new DpwaOptions { FetchProbability = 0 });
        float[] values = [1];
        mesh.Nodes[0].UpdateSend(values, 1);
        Assert.Equal(UpdateOutcome.NotFetching, mesh.Nodes[0].UpdateWait(values, 1).Outcome);
        Assert.Equal(1, mesh.Nodes[0].Clock);
    }

    [Fact(Timeout = Limit)]
    public async Task UpdateSend_twice_replaces_what_is_published_and_keeps_the_fetch_under_way()
    {
        var answer = new TaskCompletionSource();
        int requests = 0;
        await using var scene = new HostileScene(
            new HostilePeer(async visit =>
            {
                while (true)
                {
                    MessageHeader request = await visit.Request();
                    Interlocked.Increment(ref requests);
                    await answer.Task;
                    await visit.Send(Answers.Good(request));
                }
            }),
            o => o with { Timeout = TimeSpan.FromSeconds(30) });
        scene.Node.UpdateSend(scene.Values, 1);
        scene.Values.AsSpan().Fill(4);
        scene.Node.UpdateSend(scene.Values, 1);
        scene.Node.UpdateSend(scene.Values, 1);
        using RawClient client = await RawClient.Connect(scene.Port);
        await client.Send(Frames.Request(MessageType.Fetch, "client", fingerprint: ParameterLayout.Flat(HostileScene.Length).Fingerprint));
        (MessageHeader header, byte[] body) = await client.Receive();
        Assert.Equal((3UL, 3d), (header.Sequence, header.Clock));
        Assert.Equal(Frames.Payload(scene.Values), body);

        answer.SetResult();
        UpdateResult result = await Task.Run(() => scene.Node.UpdateWait(scene.Values, 1));
        Assert.Equal((UpdateOutcome.Averaged, 1), (result.Outcome, Volatile.Read(ref requests)));
        Assert.All(scene.Values, v => Assert.Equal(3f, v));
    }

    [Fact(Timeout = Limit)]
    public async Task Cancelling_UpdateWaitAsync_keeps_the_exchange_for_the_next_call()
    {
        var answer = new TaskCompletionSource();
        await using var scene = new HostileScene(
            new HostilePeer(async visit =>
            {
                MessageHeader request = await visit.Request();
                await answer.Task;
                await visit.Send(Answers.Good(request));
                await visit.UntilClosed();
            }),
            o => o with { Timeout = TimeSpan.FromSeconds(30) });
        scene.Node.UpdateSend(scene.Values, 1);
        using (var cancelled = new CancellationTokenSource())
        {
            ValueTask<UpdateResult> waiting = scene.Node.UpdateWaitAsync(scene.Values, 1, cancelled.Token);
            Assert.False(waiting.IsCompleted);
            await cancelled.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.AsTask());
        }

        // A call that is cancelled before it begins changes nothing either.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scene.Node.UpdateWaitAsync(scene.Values, 1, new CancellationToken(canceled: true)).AsTask());
        Assert.All(scene.Values, v => Assert.Equal(1f, v));
        answer.SetResult();
        Assert.Equal(UpdateOutcome.Averaged, (await scene.Node.UpdateWaitAsync(scene.Values, 1)).Outcome);
        Assert.All(scene.Values, v => Assert.Equal(1.5f, v));
    }

    [Fact(Timeout = Limit)]
    public async Task A_second_thread_inside_is_told_and_the_first_is_not_disturbed()
    {
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        await using var scene = new HostileScene(
            new HostilePeer(async visit =>
            {
                MessageHeader request = await visit.Request();
                asked.SetResult();
                await answer.Task;
                await visit.Send(Answers.Good(request));
                await visit.UntilClosed();
            }),
            o => o with { Timeout = TimeSpan.FromSeconds(30) });
        scene.Node.UpdateSend(scene.Values, 1);
        await asked.Task;
        ValueTask<UpdateResult> waiting = scene.Node.UpdateWaitAsync(scene.Values, 1);
        Assert.Throws<InvalidOperationException>(() => scene.Node.UpdateSend(scene.Values, 1));
        Assert.Throws<InvalidOperationException>(() => scene.Node.UpdateWait(scene.Values, 1));
        answer.SetResult();
        Assert.Equal(UpdateOutcome.Averaged, (await waiting).Outcome);
    }

    [Fact(Timeout = Limit)]
    public async Task Wrong_arguments_are_told_and_leave_the_connection_usable()
    {
        await using var mesh = Mesh.Start(2, new DpwaOptions { Interpolation = "loss" });
        DpwaConnection node = mesh.Nodes[0];
        float[] values = [1, 2, 3];
        Assert.Throws<ArgumentException>(() => node.UpdateSend([], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => node.UpdateSend(values, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => node.UpdateSend(values, double.NaN));
        mesh.Nodes[1].UpdateSend([5, 5, 5], 1);
        node.UpdateSend(values, 1);
        Assert.Throws<ArgumentException>(() => node.UpdateSend(new float[4], 1));
        Assert.Throws<ArgumentException>(() => node.UpdateWait(new float[2], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => node.UpdateWait(values, double.PositiveInfinity));
        Assert.Throws<InvalidOperationException>(() => node.UpdateSend(1));
        Assert.Throws<InvalidOperationException>(() => node.UpdateWait(1));
        UpdateResult result = await Task.Run(() => node.UpdateWait(values, 1));
        Assert.Equal((UpdateOutcome.Averaged, 0.5), (result.Outcome, result.Factor));
        Assert.Equal([3f, 3.5f, 4f], values);
        Assert.Equal(1, node.Clock);
    }

    [Fact(Timeout = Limit)]
    public async Task Values_that_are_not_finite_are_not_published_and_what_was_before_stays()
    {
        await using HostileScene scene = await HostileScene.Published();
        float[] bad = [.. scene.Values];
        bad[^1] = float.NaN;
        for (int i = 0; i < 3; i++)
            scene.Node.UpdateSend(bad, 1);
        using RawClient client = await RawClient.Connect(scene.Port);
        await client.Send(Frames.Request(MessageType.Fetch, "client", fingerprint: ParameterLayout.Flat(HostileScene.Length).Fingerprint));
        (MessageHeader header, byte[] body) = await client.Receive();
        Assert.Equal((1UL, 1d), (header.Sequence, header.Clock));
        Assert.Equal(Frames.Payload(scene.Values), body);
        Assert.Single(scene.Logs.Of(20));
    }

    /// <summary>A loss that is refused publishes nothing: else the next step would write into what the node still serves.</summary>
    [Fact]
    public async Task After_a_refused_loss_the_node_serves_what_the_store_keeps()
    {
        var options = new DpwaOptions { Nodes = [new DpwaNode("w1", "127.0.0.1", 0)], Interpolation = "loss" };
        await using var connection = new DpwaConnection("w1", options);
        connection.UpdateSend([1f, 2f], 1);
        Assert.True(Inside.ServesWhatIsKept(connection));
        Assert.Throws<ArgumentOutOfRangeException>(() => connection.UpdateSend([3f, 4f], double.NaN));
        Assert.True(Inside.ServesWhatIsKept(connection));
        connection.UpdateSend([5f, 6f], 1);
        Assert.True(Inside.ServesWhatIsKept(connection));
    }
}
