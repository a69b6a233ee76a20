using System.Runtime.InteropServices;
using TorchSharp;

namespace Dpwa.Examples.Vision.Data;

/// <summary>One batch on the training device. It is disposed when the loop asks for the next.</summary>
/// <param name="Images">Normalised float32, N × channels × height × width.</param>
/// <param name="Labels">int64, N.</param>
public sealed record ImageBatch(torch.Tensor Images, torch.Tensor Labels) : IDisposable
{
    /// <summary>The number of images.</summary>
    public int Count => (int)Labels.shape[0];

    /// <inheritdoc/>
    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }
}

/// <summary>Cuts images into batches of tensors, normalised and, for training, shuffled and augmented.</summary>
/// <param name="set">The images.</param>
/// <param name="batchSize">Images a batch; the last one of an epoch may be smaller.</param>
public sealed class ImageBatches(ImageSet set, int batchSize)
{
    private readonly float[] _normalized = NormalizationTable(set);

    /// <summary>Which of the images are used by <see cref="Shuffled"/> and <see cref="InOrder"/>. All by default.</summary>
    public IReadOnlyList<int> Indices { get; init; } = [.. Enumerable.Range(0, set.Count)];

    /// <summary>How training images are varied.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.None;

    /// <summary>Fixes order and augmentation of every epoch; each worker has its own.</summary>
    public ulong Seed { get; init; }

    /// <summary>Where the tensors live.</summary>
    public torch.Device Device { get; init; } = torch.CPU;

    /// <summary>How many batches so many images make.</summary>
    public int Batches(int images) => (images + batchSize - 1) / batchSize;

    /// <summary>
    /// The batches of training epoch <paramref name="epoch"/>, augmented, of the images in <paramref name="order"/>. What is drawn depends on
    /// <see cref="Seed"/> and the number of the epoch only, so that a resumed training sees what the uninterrupted one would have seen.
    /// </summary>
    public IEnumerable<ImageBatch> Augmented(int[] order, int epoch) => Cut(order, Augmentation, new SplitMix64(Seed, (ulong)epoch));

    /// <summary>As <see cref="Augmented"/>, of <see cref="Indices"/> in an order of the batches' own.</summary>
    public IEnumerable<ImageBatch> Shuffled(int epoch)
    {
        int[] order = [.. Indices];
        new SplitMix64(Seed, (ulong)epoch, 1).Shuffle(order);
        return Augmented(order, epoch);
    }

    /// <summary>The batches in the order of <see cref="Indices"/>, as they are: for testing.</summary>
    public IEnumerable<ImageBatch> InOrder() => Cut([.. Indices], Augmentation.None, new SplitMix64(Seed));

    private IEnumerable<ImageBatch> Cut(int[] order, Augmentation augmentation, SplitMix64 random)
    {
        for (int start = 0; start < order.Length; start += batchSize)
        {
            using ImageBatch batch = Load(order.AsSpan(start, Math.Min(batchSize, order.Length - start)), augmentation, random);
            yield return batch;
        }
    }

    private ImageBatch Load(ReadOnlySpan<int> indices, Augmentation augmentation, SplitMix64 random)
    {
        ImageShape shape = set.Shape;
        torch.Tensor images = torch.empty([indices.Length, shape.Channels, shape.Height, shape.Width], torch.float32);
        torch.Tensor labels = torch.empty([indices.Length], torch.int64);
        Span<float> pixels = MemoryMarshal.Cast<byte, float>(images.bytes);
        Span<long> classes = MemoryMarshal.Cast<byte, long>(labels.bytes);
        for (int i = 0; i < indices.Length; i++)
        {
            (int top, int left, bool mirror) = augmentation.Draw(random);
            Normalize(set.Image(indices[i]), pixels.Slice(i * shape.Size, shape.Size), top, left, mirror);
            classes[i] = set.Labels[indices[i]];
        }

        return new ImageBatch(OnDevice(images), OnDevice(labels));
    }

    private torch.Tensor OnDevice(torch.Tensor tensor)
    {
        if (Device.type == DeviceType.CPU)
            return tensor;
        using (tensor)
            return tensor.to(Device);
    }

    private void Normalize(ReadOnlySpan<byte> image, Span<float> target, int top, int left, bool mirror)
    {
        ImageShape shape = set.Shape;
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            ReadOnlySpan<byte> plane = image.Slice(channel * shape.Plane, shape.Plane);
            Span<float> result = target.Slice(channel * shape.Plane, shape.Plane);
            ReadOnlySpan<float> table = _normalized.AsSpan(channel * 256, 256);
            for (int y = 0; y < shape.Height; y++)
            {
                bool inside = (uint)(y + top) < (uint)shape.Height;
                for (int x = 0; x < shape.Width; x++)
                {
                    int source = left + (mirror ? shape.Width - 1 - x : x);
                    byte value = inside && (uint)source < (uint)shape.Width ? plane[(y + top) * shape.Width + source] : (byte)0;
                    result[y * shape.Width + x] = table[value];
                }
            }
        }
    }

    // A byte has 256 values: looking the normalised one up is cheaper than a division a pixel.
    private static float[] NormalizationTable(ImageSet set)
    {
        var table = new float[set.Shape.Channels * 256];
        for (int i = 0; i < table.Length; i++)
            table[i] = (i % 256 / 255f - set.Mean[i / 256]) / set.Deviation[i / 256];
        return table;
    }
}
