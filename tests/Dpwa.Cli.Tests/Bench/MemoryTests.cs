using Dpwa.Launch.Bench.Memory;

namespace Dpwa.Cli.Tests.Bench;

public sealed class MemoryTests
{
    [Theory]
    [InlineData(45_000_000, 60)]
    [InlineData(400_000, 7)]
    [InlineData(240, 60)]
    [InlineData(5_000_000_000, 60)]
    [InlineData(4, 1)]
    public void A_model_has_the_size_and_the_number_of_tensors_that_were_asked_for(long bytes, int tensors)
    {
        var layout = ModelShape.ResNetLike(bytes, tensors);

        Assert.Equal(bytes / 4, layout.Elements);
        Assert.True(layout.Tensors.Length == tensors);
    }

    [Fact]
    public void Weights_grow_and_are_nearly_everything()
    {
        var tensors = ModelShape.ResNetLike(45_000_000, 60).Tensors;
        long[] weights = [.. tensors.Where((_, i) => i % 3 == 0).Select(tensor => tensor.Elements)];

        Assert.Equal(weights.Order(), weights);
        Assert.Equal(20, (double)weights[^1] / weights[0], tolerance: 0.1);
        Assert.InRange(weights.Sum() / (45e6 / 4), 0.99, 1);
    }

    [Fact]
    public void Own_files_in_shared_memory_count_once_and_those_of_others_do_not()
    {
        string[] smaps =
        [
            "7f0000000000-7f0000400000 rw-s 00000000 00:19 12 /dev/shm/dpwa-mine",
            "Size:               4096 kB",
            "Rss:                4000 kB",
            "VmFlags: rd wr sh mr mw me ms sd",
            "7f0000400000-7f0000800000 rw-s 00000000 00:19 12 /dev/shm/dpwa-mine",
            "Rss:                3000 kB",
            "7f0000800000-7f0000c00000 r--s 00000000 00:19 13 /dev/shm/dpwa-theirs",
            "Rss:                 999 kB",
            "7f0000c00000-7f0001000000 rw-s 00000000 00:01 14 /memfd:second file (deleted)",
            "Rss:                 500 kB",
            "7f0001000000-7f0001400000 rw-s 00000000 00:01 15 /memfd:doublemapper (deleted)",
            "Rss:                 700 kB",
            "7f0001400000-7f0001800000 rw-p 00000000 00:00 0",
            "Rss:                 800 kB",
        ];

        Assert.Equal(4500 * 1024, MemoryUse.OwnSharedFiles(smaps));
        Assert.Equal(0, MemoryUse.OwnSharedFiles([]));
    }

    [Fact]
    public void A_process_uses_memory() => Assert.True(MemoryUse.Now().Private > 1_000_000);
}
