using Dpwa.Examples.Vision.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Tests.Vision;

/// <summary>Alone, since tensors are counted for the whole process.</summary>
[Collection(nameof(VisionCollection))]
public sealed class ImageBatchesTests
{
    private static readonly ImageSet Images = SyntheticImages.Images(50, seed: 1);
    private static readonly int[] All = [.. Enumerable.Range(0, Images.Count)];

    [Fact]
    public void Batches_keep_the_order_given_and_the_last_may_be_smaller()
    {
        var batches = new ImageBatches(Marked(50), 4);
        Assert.Equal([9L, 1, 17, 5, 13], Labels(batches.Augmented([9, 1, 17, 5, 13], 0)));
        Assert.Equal([4, 1], batches.Augmented([9, 1, 17, 5, 13], 0).Select(b => b.Count));
        Assert.Equal(2, batches.Batches(5));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), Labels(batches.InOrder()));
    }

    [Fact]
    public void Shuffling_is_of_the_chosen_images_in_the_order_of_seed_and_epoch()
    {
        int[] chosen = [.. Enumerable.Range(10, 30)];
        var batches = new ImageBatches(Marked(50), 8) { Indices = chosen, Seed = 3 };
        long[] first = Labels(batches.Shuffled(0));
        Assert.Equal(first, Labels(batches.Shuffled(0)));
        Assert.NotEqual(first, Labels(batches.Shuffled(1)));
        Assert.NotEqual(first, Labels(new ImageBatches(Marked(50), 8) { Indices = chosen, Seed = 4 }.Shuffled(0)));
        Assert.Equal(chosen.Select(i => (long)i), first.Order());
        Assert.Equal(chosen.Select(i => (long)i), Labels(batches.InOrder()));
    }

    [Fact]
    public void Augmentation_is_the_same_for_the_same_seed_and_epoch()
    {
        var batches = new ImageBatches(Images, 16) { Augmentation = Augmentation.CropAndFlip, Seed = 2 };
        Assert.Equal(Pixels(batches.Augmented(All, 4)), Pixels(batches.Augmented(All, 4)));
        Assert.NotEqual(Pixels(batches.Augmented(All, 4)), Pixels(batches.Augmented(All, 5)));
        Assert.NotEqual(Pixels(batches.Augmented(All, 4)), Pixels(new ImageBatches(Images, 16) { Seed = 2 }.Augmented(All, 4)));
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
            float[] pixels = Pixels(new ImageBatches(set, 1) { Augmentation = Augmentation.CropAndFlip, Seed = 1 }.Augmented([0], epoch));
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
        foreach (ImageBatch batch in batches.Augmented(All, 0))
            Assert.InRange(Tensor.TotalCount - before, 0, 2);
        Assert.InRange(Tensor.TotalCount - before, long.MinValue, 0);
    }

    private static ImageSet Marked(int count) =>
        new(new(1, 1, 1), new byte[count], [.. Enumerable.Range(0, count).Select(i => (byte)i)], [0], [1]);

    private static long[] Labels(IEnumerable<ImageBatch> batches) => [.. batches.SelectMany(b => b.Labels.data<long>().ToArray())];

    private static float[] Pixels(IEnumerable<ImageBatch> batches) => [.. batches.SelectMany(b => b.Images.data<float>().ToArray())];
}
