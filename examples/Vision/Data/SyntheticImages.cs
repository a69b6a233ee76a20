namespace Dpwa.Examples.Vision.Data;

/// <summary>
/// Made-up images for when no real data is at hand: 3×32×32, ten classes, each a shape (disc, square, triangle, cross or ring) with
/// a texture (striped or chequered). Place, size, rotation, colours, brightness, clutter behind the shape and noise differ from
/// image to image and say nothing about the class. Image <c>i</c> depends on the seed and <c>i</c> only, by integer arithmetic
/// only, so every machine makes the same bytes and a shorter set is the beginning of a longer one.
/// </summary>
public static class SyntheticImages
{
    /// <summary>The number of classes. Class <c>c</c> is shape <c>c / 2</c> with texture <c>c % 2</c>.</summary>
    public const int Classes = 10;

    /// <summary>The shape of each image.</summary>
    public static ImageShape Shape { get; } = new(3, 32, 32);

    /// <summary>The name of each class.</summary>
    public static IReadOnlyList<string> ClassNames { get; } =
        [.. from shape in Enum.GetNames<SyntheticShape>() from texture in Enum.GetNames<SyntheticTexture>() select $"{texture} {shape}".ToLowerInvariant()];

    // Measured over 10,000 images.
    private static readonly float[] Mean = [0.41f, 0.41f, 0.41f];
    private static readonly float[] Deviation = [0.22f, 0.22f, 0.22f];

    /// <summary>A data set of such images; the test images are drawn from another stream than the training images.</summary>
    public static DataSet DataSet(int train = 10_000, int test = 2_000, ulong seed = 0) =>
        new("synthetic images (made up by this program, no real data)",
            Images(train, new SplitMix64(seed, 0).Next()), Images(test, new SplitMix64(seed, 1).Next()), ClassNames, Augmentation.CropAndFlip);

    /// <summary>Makes <paramref name="count"/> images. Each ten in a row have one of every class, in random order.</summary>
    public static ImageSet Images(int count, ulong seed)
    {
        var pixels = new byte[count * Shape.Size];
        var labels = new byte[count];
        Span<int> order = stackalloc int[Classes];
        for (int i = 0; i < count; i++)
        {
            if (i % Classes == 0)
            {
                for (int c = 0; c < Classes; c++)
                    order[c] = c;
                new SplitMix64(seed, (ulong)(i / Classes), 0).Shuffle(order);
            }

            labels[i] = (byte)order[i % Classes];
            var painter = new SyntheticPainter(new SplitMix64(seed, (ulong)i, 1), (SyntheticShape)(labels[i] / 2), (SyntheticTexture)(labels[i] % 2));
            painter.Paint(pixels.AsSpan(i * Shape.Size, Shape.Size));
        }

        return new ImageSet(Shape, pixels, labels, Mean, Deviation);
    }
}
