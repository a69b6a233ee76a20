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
    public void A_file_in_shared_memory_that_is_held_open_counts_by_what_was_written_to_it()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "There is no shared memory with names.");
        const int written = 8_000_000;
        using var file = new FileStream($"/dev/shm/dpwa-test-{Guid.NewGuid():N}", FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 1, FileOptions.DeleteOnClose);
        file.SetLength(1_000_000_000);
        file.Write(new byte[written]);
        using var again = new FileStream(file.Name, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

        // Other tests of this process may share memory too, but no such model.
        Assert.InRange(MemoryUse.Now().SharedFiles.Values.Sum(), written, (2 * written) - 1);
        Assert.InRange(MemoryUse.Now().Private, 1_000_000, 100_000_000_000);
    }
}
