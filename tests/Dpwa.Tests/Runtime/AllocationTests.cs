using System.Diagnostics;
using System.Reflection;
using Dpwa.Protocol;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Runtime;

/// <summary>What a step takes from the heap once everything is warm.</summary>
[Collection(AloneCollection.Name)]
public class AllocationTests
{
    private const int Limit = 120_000;
    private const int Warm = 30;
    private const int Measured = 51;

    /// <summary>In a debug build the compiler makes every state machine of an async method an object.</summary>
    private static bool IsOptimized => typeof(DpwaConnection).Assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };

    [Theory(Timeout = Limit)]
    [InlineData(PayloadCodec.Native)]
    [InlineData(PayloadCodec.BFloat16)]
    [InlineData(PayloadCodec.Float16)]
    [InlineData(PayloadCodec.Int8)]
    public async Task A_warm_step_allocates_nothing_on_the_trainers_thread(PayloadCodec codec)
    {
        await using Mesh mesh = Mesh.Published(2, i => Filled(1000, i), Options(TransportChoice.Tcp, codec) with { Apply = ApplyForm.Delta });
        long median = Median(await OnAThread(() => Steps(mesh, 1000, GC.GetAllocatedBytesForCurrentThread)));
        Assert.InRange(median, 0, IsOptimized ? 0 : 1024);
    }

    /// <summary>In the whole process: what both nodes do for it, on all threads.</summary>
    [Theory(Timeout = Limit)]
    [InlineData(TransportChoice.Tcp, PayloadCodec.Native, false)]
    [InlineData(TransportChoice.Tcp, PayloadCodec.Int8, false)]
    [InlineData(TransportChoice.SharedMemory, PayloadCodec.Native, false)]
    [InlineData(TransportChoice.Tcp, PayloadCodec.Native, true)]
    [InlineData(TransportChoice.Tcp, PayloadCodec.Int8, true)]
    [InlineData(TransportChoice.SharedMemory, PayloadCodec.Native, true)]
    public async Task A_warm_step_allocates_nothing_in_the_whole_process(TransportChoice transport, PayloadCodec codec, bool encrypts)
    {
        Assert.SkipUnless(transport == TransportChoice.Tcp || OperatingSystem.IsLinux(), "Shared memory is Linux's.");
        await using Mesh mesh = Mesh.Published(2, i => Filled(1000, i), Options(transport, codec) with { ClusterKey = encrypts ? Identities.Source : null });
        long median = Median(await OnAThread(() => Steps(mesh, 1000, () => GC.GetTotalAllocatedBytes(precise: true))));
        Assert.InRange(median, 0, IsOptimized ? 0 : 16 * 1024);
    }

    /// <summary>Whatever is published of the model; in the whole process too.</summary>
    [Theory(Timeout = Limit)]
    [InlineData(true, PayloadCodec.Native)]
    [InlineData(true, PayloadCodec.Int8)]
    [InlineData(false, PayloadCodec.Native)]
    [InlineData(false, PayloadCodec.Int8)]
    public async Task A_warm_step_of_another_form_allocates_nothing(bool subset, PayloadCodec codec)
    {
        DpwaOptions options = Options(TransportChoice.Tcp, codec);
        options = subset ? options with { Subset = 0.3 } : options with { Outer = new(), Apply = ApplyForm.Delta };
        await using Mesh mesh = Mesh.Published(2, i => Filled(5000, i), options);
        long median = Median(await OnAThread(() => Steps(mesh, 5000, () => GC.GetTotalAllocatedBytes(precise: true))));
        Assert.InRange(median, 0, IsOptimized ? 0 : 16 * 1024);
    }

    /// <summary>PEERS: "throughput falls as models grow (a buffer that is copied again for each chunk received)".</summary>
    [Theory(Timeout = Limit)]
    [InlineData(PayloadCodec.Native)]
    [InlineData(PayloadCodec.Int8)]
    public async Task An_exchange_of_16_MB_allocates_no_more_than_one_of_1_MB(PayloadCodec codec)
    {
        long small = await MedianOfExchanges(1 << 18, codec);
        long large = await MedianOfExchanges(1 << 22, codec);

        // A debug build has an object for each call of each chunk; one copy of the model is still sixty times as much.
        Assert.InRange(large, 0, small + (IsOptimized ? 16 * 1024 : 256 * 1024));
    }

    private static async Task<long> MedianOfExchanges(int length, PayloadCodec codec)
    {
        await using Mesh mesh = Mesh.Published(2, i => Filled(length, i), Options(TransportChoice.Tcp, codec));
        return Median(await OnAThread(() => Steps(mesh, length, () => GC.GetTotalAllocatedBytes(precise: true))));
    }

    private static DpwaOptions Options(TransportChoice transport, PayloadCodec codec) =>
        new() { Seed = 1, Timeout = TimeSpan.FromSeconds(20), Transport = transport, Codec = codec };

    /// <summary>What each of both nodes' steps allocates, the first ones left out.</summary>
    private static long[] Steps(Mesh mesh, int length, Func<long> allocated)
    {
        float[] values = Filled(length, 1);
        long[] steps = new long[Warm + Measured];
        for (int step = 0; step < steps.Length; step++)
        {
            DpwaConnection node = mesh.Nodes[step % 2];
            long before = allocated();
            node.UpdateSend(values, 1);
            UpdateResult result = node.UpdateWait(values, 1);
            steps[step] = allocated() - before;
            Assert.Equal(UpdateOutcome.Averaged, result.Outcome);
        }

        return steps[Warm..];
    }

    /// <summary>A trainer's thread is one of its own: on the pool's a wait needs a task.</summary>
    private static Task<long[]> OnAThread(Func<long[]> steps) =>
        Task.Factory.StartNew(steps, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static long Median(long[] steps) => steps.Order().ElementAt(steps.Length / 2);

    private static float[] Filled(int length, float value) => [.. Enumerable.Repeat(value, length)];
}
