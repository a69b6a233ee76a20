namespace Dpwa.Examples.Vision.Data;

/// <summary>Images to train on and images to test on.</summary>
/// <param name="Description">What it is, for a person.</param>
/// <param name="Train">The training images.</param>
/// <param name="Test">The test images.</param>
/// <param name="ClassNames">The name of each class.</param>
/// <param name="Augmentation">How the training images are usually varied.</param>
public sealed record DataSet(string Description, ImageSet Train, ImageSet Test, IReadOnlyList<string> ClassNames, Augmentation Augmentation)
{
    /// <summary>The shape of each image.</summary>
    public ImageShape Shape => Train.Shape;

    /// <summary>Loads the data set whose files are in <paramref name="directory"/>; without one, makes the synthetic one.</summary>
    /// <exception cref="VisionException">The directory or a file of it cannot be used.</exception>
    public static DataSet Load(string? directory)
    {
        if (directory is null)
            return SyntheticImages.DataSet();
        if (!Directory.Exists(directory))
            throw new VisionException($"The data directory '{directory}' does not exist. {Expected}");
        if (Cifar10Files.AreIn(directory))
            return Cifar10Files.Load(directory);
        if (MnistFiles.AreIn(directory))
            return MnistFiles.Load(directory);
        throw new VisionException($"There is no known data set in '{directory}'. {Expected}");
    }

    private const string Expected =
        "A data directory holds either CIFAR-10 in the binary format (data_batch_*.bin and test_batch.bin) " +
        "or MNIST in the IDX format (train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and " +
        "t10k-labels-idx1-ubyte, each plain or .gz). Without --data, synthetic images are used.";
}
