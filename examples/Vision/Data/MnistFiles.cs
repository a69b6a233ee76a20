using System.Globalization;

namespace Dpwa.Examples.Vision.Data;

/// <summary>MNIST, or a set of the same form such as Fashion-MNIST: four IDX files, plain or compressed with gzip.</summary>
public static class MnistFiles
{
    private const int Classes = 10;
    private static readonly float[] Mean = [0.1307f];
    private static readonly float[] Deviation = [0.3081f];

    /// <summary>Whether <paramref name="directory"/> looks like MNIST.</summary>
    public static bool AreIn(string directory) =>
        IdxFile.Find(directory, ImagesOf("train")) is not null || IdxFile.Find(directory, ImagesOf("t10k")) is not null;

    /// <summary>Loads the four files of <paramref name="directory"/>.</summary>
    /// <exception cref="VisionException">A file is missing or damaged.</exception>
    public static DataSet Load(string directory)
    {
        ImageSet train = Read(directory, "train"), test = Read(directory, "t10k");
        if (train.Shape != test.Shape)
            throw new VisionException($"The training images of '{directory}' are {train.Shape} and the test images {test.Shape}.");
        string[] names = [.. Enumerable.Range(0, Classes).Select(c => c.ToString(CultureInfo.InvariantCulture))];
        return new DataSet($"MNIST from {directory}", train, test, names, Augmentation.Shift);
    }

    private static string ImagesOf(string part) => $"{part}-images-idx3-ubyte";

    private static ImageSet Read(string directory, string part)
    {
        string imageFile = Find(directory, ImagesOf(part)), labelFile = Find(directory, $"{part}-labels-idx1-ubyte");
        (int[] images, byte[] pixels) = IdxFile.Read(imageFile, rank: 3);
        (int[] count, byte[] labels) = IdxFile.Read(labelFile, rank: 1);
        if (images[0] != count[0])
            throw new VisionException($"'{imageFile}' has {images[0]} images and '{labelFile}' has {count[0]} labels.");
        int wrong = labels.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)(Classes - 1));
        if (wrong >= 0)
            throw new VisionException($"'{labelFile}' is damaged: label {wrong} is {labels[wrong]}, and labels are 0 to 9.");
        return new ImageSet(new ImageShape(1, images[1], images[2]), pixels, labels, Mean, Deviation);
    }

    private static string Find(string directory, string name) =>
        IdxFile.Find(directory, name) ?? throw new VisionException($"'{directory}' has neither {name} nor {name}.gz.");
}
