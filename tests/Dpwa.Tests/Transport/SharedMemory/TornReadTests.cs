using System.Runtime.Versioning;
using Dpwa.Protocol;
using Dpwa.Transport.SharedMemory;

namespace Dpwa.Tests.Transport.SharedMemory;

/// <summary>What a reader holds never changes, however fast the publisher writes.</summary>
[SupportedOSPlatform("linux")]
public class TornReadTests
{
    private const int Publications = 20_000;

    [Theory(Timeout = 120_000)]
    [InlineData(1, 16_000)]
    [InlineData(4, 16_000)]
    [InlineData(3, 16)]
    public async Task A_writer_at_full_speed_never_writes_under_a_reader(int readers, int length)
    {
        using var scene = new SharedScene(length);
        scene.Publish(1);
        bool done = false;
        Task<int>[] reading = [.. Enumerable.Range(0, readers).Select(_ => scene.Reader().Reader).Select(r => Own(() => Read(r, () => Volatile.Read(ref done))))];
        int published = await Own(() => Enumerable.Range(2, Publications).Count(value => scene.Publish(value)));
        Volatile.Write(ref done, true);
        int[] reads = await Task.WhenAll(reading);

        Assert.All(reads, count => Assert.InRange(count, 2, int.MaxValue));
        Assert.InRange(published, 2, Publications);
        Assert.True(scene.Publish(0), "nothing is held at the end, so there is room to publish");
    }

    /// <summary>Reads until the writer is done, and looks twice at each snapshot: it is all of one publication, the one that its header says, and stays so.</summary>
    private static int Read(SharedReader reader, Func<bool> done)
    {
        for (int count = 0; ; count++)
        {
            bool last = done();
            Message answer = reader.Fetch(SharedScene.Request);
            Assert.Equal(MessageType.Snapshot, answer.Header.Type);
            for (int look = 0; look < 2; look++)
                Assert.Equal(-1, SharedScene.Values(answer.Body!).IndexOfAnyExcept((float)answer.Header.Clock));
            answer.Release();
            if (last)
                return count + 1;
        }
    }

    private static Task<T> Own<T>(Func<T> action) => Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
