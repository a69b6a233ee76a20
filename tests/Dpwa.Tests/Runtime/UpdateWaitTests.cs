using System.Collections.Concurrent;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Runtime;

/// <summary>UpdateWait holds its caller, whoever that is, and never the exchange that it waits for. <see cref="OneCoreTests"/> runs these again on one core.</summary>
public class UpdateWaitTests
{
    private const int Limit = 120_000;
    private const int Length = 10_000;

    public UpdateWaitTests()
    {
        if (Environment.GetEnvironmentVariable(OneCoreTests.Marker) is not null)
            Assert.Equal(1, Environment.ProcessorCount);
    }

    [Fact(Timeout = Limit)]
    public async Task Many_trainers_on_the_thread_pool_of_one_process()
    {
        await using var mesh = Mesh.Published(12, Values);
        int[] averaged = await Task.WhenAll(mesh.Nodes.Select((node, i) => Task.Run(() => Train(node, i, steps: 20))));
        EveryStepAveraged(mesh, averaged, 20);
        await Eventually.NothingIsLeased(mesh.Nodes);
    }

    [Fact(Timeout = Limit)]
    public async Task Many_trainers_on_threads_of_their_own()
    {
        await using var mesh = Mesh.Published(6, Values);
        int[] averaged = await Task.WhenAll(mesh.Nodes.Select((node, i) => Task.Factory.StartNew(
            () => Train(node, i, steps: 30), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        EveryStepAveraged(mesh, averaged, 30);
    }

    [Fact(Timeout = Limit)]
    public async Task Many_trainers_that_await()
    {
        await using var mesh = Mesh.Published(12, Values);
        int[] averaged = await Task.WhenAll(mesh.Nodes.Select(async (node, i) =>
        {
            float[] values = Values(i);
            int count = 0;
            for (int step = 0; step < 20; step++)
            {
                node.UpdateSend(values, 1);
                count += (await node.UpdateWaitAsync(values, 1)).Outcome == UpdateOutcome.Averaged ? 1 : 0;
            }

            return count;
        }));
        EveryStepAveraged(mesh, averaged, 20);
    }

    [Theory(Timeout = Limit)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_trainer_under_a_synchronization_context_of_one_thread(bool awaits)
    {
        await using var mesh = Mesh.Start(2);
        mesh.Nodes[1].UpdateSend(Values(2), 1);
        await Task.Run(() => mesh.Nodes[1].UpdateWait(Values(2), 1));
        DpwaConnection node = mesh.Nodes[0];
        float[] values = Values(0);
        int averaged = await OneThread.Run(async () =>
        {
            int count = 0;
            for (int step = 0; step < 10; step++)
            {
                node.UpdateSend(values, 1);
                UpdateResult result = awaits ? await node.UpdateWaitAsync(values, 1) : node.UpdateWait(values, 1);
                count += result.Outcome == UpdateOutcome.Averaged ? 1 : 0;
            }

            node.Dispose();
            return count;
        });
        Assert.Equal(10, averaged);
    }

    /// <summary>Everyone has published and nothing is wrong with anybody, so a step that is not averaged, or a peer that is given up, is a lag or a lock-up.</summary>
    private static void EveryStepAveraged(Mesh mesh, int[] averaged, int steps)
    {
        Assert.All(averaged, count => Assert.Equal(steps, count));
        Assert.All(mesh.Nodes.SelectMany(n => n.Peers), peer => Assert.True(peer.Failures == 0, peer.LastError));
        Assert.All(mesh.Nodes, n => Assert.Equal(steps, n.Peers.Sum(p => p.Exchanges)));
    }

    private static int Train(DpwaConnection node, int seed, int steps)
    {
        float[] values = Values(seed);
        int averaged = 0;
        for (int step = 0; step < steps; step++)
        {
            node.UpdateSend(values, 1);
            averaged += node.UpdateWait(values, 1).Outcome == UpdateOutcome.Averaged ? 1 : 0;
        }

        return averaged;
    }

    private static float[] Values(int value) => [.. Enumerable.Repeat((float)value, Length)];

    /// <summary>A context that runs everything on one thread, as a user interface does.</summary>
    private sealed class OneThread : SynchronizationContext
    {
        private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _queue = [];

        public static Task<T> Run<T>(Func<Task<T>> action)
        {
            var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
            var thread = new Thread(() =>
            {
                var context = new OneThread();
                SetSynchronizationContext(context);
                Task<T> task = action();
                _ = task.ContinueWith(_ => context._queue.CompleteAdding(), TaskScheduler.Default);
                foreach ((SendOrPostCallback callback, object? state) in context._queue.GetConsumingEnumerable())
                    callback(state);
                done.SetFromTask(task);
            })
            { IsBackground = true };
            thread.Start();
            return done.Task;
        }

        public override void Post(SendOrPostCallback d, object? state) => _queue.Add((d, state));
    }
}
