using Dpwa.Examples.Vision;
using Dpwa.Examples.Vision.Data;

namespace Dpwa.TorchSharp.Tests.Vision;

public sealed class Cifar10FilesTests : IDisposable
{
    private const int Record = 1 + 3 * 32 * 32;
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void All_batches_are_read_in_the_order_of_their_names()
    {
        _directory.Write("data_batch_2.bin", Records(7));
        _directory.Write("data_batch_1.bin", Records(3, 9));
        _directory.Write("test_batch.bin", Records(0));

        DataSet data = DataSet.Load(_directory.Path);
        Assert.Equal([3, 9, 7], data.Train.Labels);
        Assert.Equal([0], data.Test.Labels);
        Assert.Equal(new ImageShape(3, 32, 32), data.Shape);
        Assert.Equal("ship", data.ClassNames[8]);
        Assert.Equal(Records(9).AsSpan(1), data.Train.Image(1));
    }

    [Fact]
    public void A_file_cut_short_is_named_with_its_size()
    {
        _directory.Write("data_batch_1.bin", Records(1, 2).AsSpan(0, Record + 100));
        _directory.Write("test_batch.bin", Records(0));
        AssertFails("data_batch_1.bin", $"{Record + 100}");
    }

    [Fact]
    public void An_empty_file_is_refused()
    {
        _directory.Write("data_batch_1.bin", Records(1));
        _directory.Write("test_batch.bin");
        AssertFails("test_batch.bin", "cut short");
    }

    [Fact]
    public void A_label_beyond_9_is_refused()
    {
        _directory.Write("data_batch_1.bin", Records(1, 10));
        _directory.Write("test_batch.bin", Records(0));
        AssertFails("data_batch_1.bin", "label of image 1 is 10");
    }

    [Theory]
    [InlineData("data_batch_1.bin", "not test_batch.bin")]
    [InlineData("test_batch.bin", "none of the training files")]
    public void Half_a_data_set_is_refused(string there, string complaint)
    {
        _directory.Write(there, Records(1));
        AssertFails(complaint);
    }

    [Fact]
    public void Another_directory_is_told_what_is_expected()
    {
        _directory.Write("notes.txt", 1);
        AssertFails(_directory.Path, "data_batch_*.bin", "train-images-idx3-ubyte", "synthetic");
    }

    [Fact]
    public void A_missing_directory_is_told_what_is_expected()
    {
        var error = Assert.Throws<VisionException>(() => DataSet.Load(_directory.File("nowhere")));
        Assert.Contains("does not exist", error.Message, StringComparison.Ordinal);
    }

    private void AssertFails(params string[] words)
    {
        var error = Assert.Throws<VisionException>(() => DataSet.Load(_directory.Path));
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }

    // The pixels of a record depend on its label, so that a mix-up shows.
    private static byte[] Records(params byte[] labels) =>
        [.. labels.SelectMany(label => Enumerable.Range(0, Record).Select(i => i == 0 ? label : (byte)(i * (label + 1))))];
}
