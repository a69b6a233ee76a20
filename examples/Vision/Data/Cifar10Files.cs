namespace Dpwa.Examples.Vision.Data;

/// <summary>
/// CIFAR-10 in its binary format: files of records of 3,073 bytes, one for the label in [0, 9] and 3,072 for the image, red then
/// green then blue, row by row. A file may hold any number of records.
/// </summary>
public static class Cifar10Files
{
    private const string TestFile = "test_batch.bin";
    private const string TrainFiles = "data_batch_*.bin";
    private static readonly ImageShape Shape = new(3, 32, 32);
    private static readonly string[] ClassNames =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    // Of the 50,000 training images.
    private static readonly float[] Mean = [0.4914f, 0.4822f, 0.4465f];
    private static readonly float[] Deviation = [0.2470f, 0.2435f, 0.2616f];

    /// <summary>Whether <paramref name="directory"/> looks like CIFAR-10.</summary>
    public static bool AreIn(string directory) => TrainFilesIn(directory).Length > 0 || File.Exists(Path.Combine(directory, TestFile));

    /// <summary>Loads every batch of <paramref name="directory"/>.</summary>
    /// <exception cref="VisionException">A file is missing or damaged.</exception>
    public static DataSet Load(string directory)
    {
        string[] train = TrainFilesIn(directory);
        if (train.Length == 0)
            throw new VisionException($"'{directory}' has {TestFile} but none of the training files {TrainFiles}.");
        string test = Path.Combine(directory, TestFile);
        if (!File.Exists(test))
            throw new VisionException($"'{directory}' has {Path.GetFileName(train[0])} but not {TestFile}.");
        return new DataSet($"CIFAR-10 from {directory}", Read(train), Read([test]), ClassNames, Augmentation.CropAndFlip);
    }

    // Sorted, since a directory is listed in any order and the images must come in the same one on every machine.
    private static string[] TrainFilesIn(string directory) => [.. Directory.GetFiles(directory, TrainFiles).Order(StringComparer.Ordinal)];

    private static ImageSet Read(string[] files)
    {
        int record = 1 + Shape.Size;
        byte[][] contents = [.. files.Select(f => Read(f, record))];
        int count = contents.Sum(c => c.Length / record);
        var pixels = new byte[count * Shape.Size];
        var labels = new byte[count];
        int image = 0;
        foreach ((string file, byte[] content) in files.Zip(contents))
        {
            for (int start = 0; start < content.Length; start += record, image++)
            {
                if (content[start] >= ClassNames.Length)
                    throw new VisionException($"'{file}' is damaged: the label of image {start / record} is {content[start]}, and labels are 0 to 9.");
                labels[image] = content[start];
                content.AsSpan(start + 1, Shape.Size).CopyTo(pixels.AsSpan(image * Shape.Size));
            }
        }

        return new ImageSet(Shape, pixels, labels, Mean, Deviation);
    }

    private static byte[] Read(string file, int record)
    {
        byte[] content = File.ReadAllBytes(file);
        if (content.Length == 0 || content.Length % record != 0)
            throw new VisionException($"'{file}' is damaged or cut short: {content.Length} bytes are no whole number of records of {record} bytes.");
        return content;
    }
}
