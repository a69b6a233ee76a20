namespace Dpwa.Examples.Vision.Data;

/// <summary>Labelled images in memory, as bytes: they become floats batch by batch (<see cref="ImageBatches"/>), which needs a quarter of the memory.</summary>
public sealed class ImageSet
{
    /// <summary>A set of these images.</summary>
    /// <param name="shape">The shape of each image.</param>
    /// <param name="pixels">The images one after the other, each channel by channel, row by row (NCHW).</param>
    /// <param name="labels">The class of each image.</param>
    /// <param name="mean">Per channel, of pixels in [0, 1]: subtracted by the normalisation.</param>
    /// <param name="deviation">Per channel, of pixels in [0, 1]: divided by in the normalisation.</param>
    public ImageSet(ImageShape shape, byte[] pixels, byte[] labels, float[] mean, float[] deviation)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(deviation);
        if (pixels.LongLength != (long)labels.Length * shape.Size)
            throw new ArgumentException($"{labels.Length} images of {shape} are {(long)labels.Length * shape.Size} bytes, not {pixels.LongLength}.", nameof(pixels));
        if (mean.Length != shape.Channels || deviation.Length != shape.Channels)
            throw new ArgumentException($"There are {shape.Channels} channels to normalise.", nameof(mean));
        (Shape, Pixels, Labels, Mean, Deviation) = (shape, pixels, labels, mean, deviation);
    }

    /// <summary>The shape of each image.</summary>
    public ImageShape Shape { get; }

    /// <summary>The number of images.</summary>
    public int Count => Labels.Length;

    /// <summary>All images, NCHW.</summary>
    public byte[] Pixels { get; }

    /// <summary>The class of each image.</summary>
    public byte[] Labels { get; }

    /// <summary>Per channel, of pixels in [0, 1].</summary>
    public float[] Mean { get; }

    /// <summary>Per channel, of pixels in [0, 1].</summary>
    public float[] Deviation { get; }

    /// <summary>The bytes of image <paramref name="index"/>, channel by channel.</summary>
    public ReadOnlySpan<byte> Image(int index) => Pixels.AsSpan(index * Shape.Size, Shape.Size);

    /// <summary>The first <paramref name="count"/> images, or all when there are fewer.</summary>
    public ImageSet Take(int count) =>
        count >= Count ? this : new(Shape, Pixels[..(count * Shape.Size)], Labels[..count], Mean, Deviation);
}
