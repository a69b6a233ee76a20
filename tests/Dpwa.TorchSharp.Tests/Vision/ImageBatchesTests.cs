using Dpwa.Examples.Vision.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Tests.Vision;

/// <summary>Alone, since tensors are counted for the whole process.</summary>
[Collection(nameof(VisionCollection))]
public sealed class ImageBatchesTests
{
    private static readonly ImageSet Images = SyntheticImages.Images(50, seed: 1);

    [Fact]
    public void Every_image_comes_once_an_epoch_in_the_order_of_the_seed()
    {
        ImageSet marked = Marked(50);
        long[][] epochs = [.. new[] { 0, 0, 1 }.Select(e => Labels(new ImageBatches(marked, 8) { Seed = 3 }.Shuffled(e)))];
        Assert.Equal(epochs[0], epochs[1]);
        Assert.NotEqual(epochs[0], epochs[2]);
        Assert.NotEqual(epochs[0], Labels(new ImageBatches(marked, 8) { Seed = 4 }.Shuffled(0)));
        Assert.All(epochs, e => Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), e.Order()));
    }

    [Fact]
    public void A_worker_sees_its_own_part_only()
    {
        var part = new ImageBatches(Marked(50), 4) { Indices = [1, 5, 9, 13, 17] };
        Assert.Equal(2, part.Count);
        Assert.Equal([1L, 5, 9, 13, 17], Labels(part.Shuffled(0)).Order());
        Assert.Equal([1L, 5, 9, 13, 17], Labels(part.InOrder()));
    }

    [Fact]
    public void Augmentation_is_the_same_for_the_same_seed_and_epoch()
    {
        var batches = new ImageBatches(Images, 16) { Augmentation = Augmentation.CropAndFlip, Seed = 2 };
        Assert.Equal(Pixels(batches.Shuffled(4)), Pixels(batches.Shuffled(4)));
        Assert.NotEqual(Pixels(batches.Shuffled(4)), Pixels(new ImageBatches(Images, 16) { Seed = 2 }.Shuffled(4)));
    }

    [Fact]
    public void Pixels_are_normalised_by_channel()
    {
        var set = new ImageSet(new(2, 1, 2), [0, 255, 51, 102], [7], [0.5f, 0.2f], [0.5f, 0.1f]);
        float[] pixels = Pixels(new ImageBatches(set, 1).InOrder());
        Assert.Equal([-1f, 1f, 0f, 2f], pixels, (a, b) => Math.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public void Crops_and_mirror_images_are_of_the_image_itself()
    {
        // One row of distinct pixels: every variation is a run of it, forward or backward, with black beyond its ends.
        byte[] row = [10, 20, 30, 40, 50, 60];
        var set = new ImageSet(new(1, 1, 6), row, [0], [0], [1 / 255f]);
        var seen = new HashSet<string>();
        for (int epoch = 0; epoch < 2_000; epoch++)
        {
            float[] pixels = Pixels(new ImageBatches(set, 1) { Augmentation = Augmentation.CropAndFlip, Seed = 1 }.Shuffled(epoch));
            seen.Add(string.Join(' ', pixels.Select(p => (int)Math.Round(p))));
        }

        string[] expected =
        [
            "0 0 0 0 0 0",
            .. from left in Enumerable.Range(-4, 9)
               from mirror in new[] { false, true }
               let crop = Enumerable.Range(left, 6).Select(x => x is >= 0 and < 6 ? row[x] : 0)
               select string.Join(' ', mirror ? crop.Reverse() : crop),
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_epoch_leaves_no_tensor_behind()
    {
        var batches = new ImageBatches(Images, 8);
        long before = Tensor.TotalCount;
        foreach (ImageBatch batch in batches.Shuffled(0))
            Assert.InRange(Tensor.TotalCount - before, 0, 2);
        Assert.InRange(Tensor.TotalCount - before, long.MinValue, 0);
    }

    private static ImageSet Marked(int count) =>
        new(new(1, 1, 1), new byte[count], [.. Enumerable.Range(0, count).Select(i => (byte)i)], [0], [1]);

    private static long[] Labels(IEnumerable<ImageBatch> batches) => [.. batches.SelectMany(b => b.Labels.data<long>().ToArray())];

    private static float[] Pixels(IEnumerable<ImageBatch> batches) => [.. batches.SelectMany(b => b.Images.data<float>().ToArray())];
}
