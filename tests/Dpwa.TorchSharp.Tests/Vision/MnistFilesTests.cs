using System.IO.Compression;
using Dpwa.Examples.Vision;
using Dpwa.Examples.Vision.Data;

namespace Dpwa.TorchSharp.Tests.Vision;

public sealed class MnistFilesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public MnistFilesTests()
    {
        foreach ((string part, byte count) in new[] { ("train", (byte)3), ("t10k", (byte)2) })
        {
            _directory.Write($"{part}-images-idx3-ubyte", Images(count));
            _directory.Write($"{part}-labels-idx1-ubyte", Labels(count));
        }
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Plain_files_are_read()
    {
        DataSet data = DataSet.Load(_directory.Path);
        Assert.Equal(new ImageShape(1, 28, 28), data.Shape);
        Assert.Equal([0, 1, 2], data.Train.Labels);
        Assert.Equal([0, 1], data.Test.Labels);
        Assert.Equal(Images(2).AsSpan(16 + 784), data.Test.Image(1));
        Assert.False(data.Augmentation.Flip);
    }

    [Fact]
    public void Compressed_files_are_read()
    {
        byte[] plain = File.ReadAllBytes(_directory.File("train-images-idx3-ubyte"));
        File.Delete(_directory.File("train-images-idx3-ubyte"));
        using (var stream = new GZipStream(File.Create(_directory.File("train-images-idx3-ubyte.gz")), CompressionLevel.Fastest))
            stream.Write(plain);
        Assert.Equal(plain[16..], DataSet.Load(_directory.Path).Train.Pixels);
    }

    [Fact]
    public void A_file_that_only_claims_to_be_compressed_is_refused()
    {
        File.Move(_directory.File("train-images-idx3-ubyte"), _directory.File("train-images-idx3-ubyte.gz"));
        AssertFails("train-images-idx3-ubyte.gz", "damaged");
    }

    [Fact]
    public void A_wrong_magic_number_is_named()
    {
        _directory.Write("train-images-idx3-ubyte", Labels(3));
        AssertFails("train-images-idx3-ubyte", "0x00000801", "0x00000803");
    }

    [Theory]
    [InlineData(10)]
    [InlineData(500)]
    public void A_file_cut_short_is_named(int length)
    {
        _directory.Write("t10k-images-idx3-ubyte", Images(2).AsSpan(0, length));
        AssertFails("t10k-images-idx3-ubyte", "cut short");
    }

    [Fact]
    public void A_header_that_asks_for_too_much_is_refused_before_anything_is_allocated()
    {
        _directory.Write("train-images-idx3-ubyte", [0, 0, 8, 3, 127, 255, 255, 255, 0, 1, 0, 0, 0, 1, 0, 0]);
        AssertFails("train-images-idx3-ubyte", "damaged");
    }

    [Fact]
    public void Values_beyond_the_header_are_refused()
    {
        _directory.Write("train-labels-idx1-ubyte", [.. Labels(3), 1]);
        AssertFails("train-labels-idx1-ubyte", "more than the 3 values");
    }

    [Fact]
    public void As_many_labels_as_images_are_needed()
    {
        _directory.Write("train-labels-idx1-ubyte", Labels(2));
        AssertFails("3 images", "2 labels");
    }

    [Fact]
    public void A_label_beyond_9_is_refused()
    {
        _directory.Write("t10k-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 2, 4, 77]);
        AssertFails("t10k-labels-idx1-ubyte", "label 1 is 77");
    }

    [Fact]
    public void A_missing_file_is_named_in_both_forms()
    {
        File.Delete(_directory.File("t10k-labels-idx1-ubyte"));
        AssertFails("t10k-labels-idx1-ubyte.gz");
    }

    private void AssertFails(params string[] words)
    {
        var error = Assert.Throws<VisionException>(() => DataSet.Load(_directory.Path));
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }

    private static byte[] Images(byte count) =>
        [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 28, 0, 0, 0, 28, .. Enumerable.Range(0, count * 784).Select(i => (byte)(i * 7))];

    private static byte[] Labels(byte count) => [0, 0, 8, 1, 0, 0, 0, count, .. Enumerable.Range(0, count).Select(i => (byte)i)];
}
