using System.Security.Cryptography;
using Dpwa.Examples.Vision.Data;

namespace Dpwa.TorchSharp.Tests.Vision;

public sealed class SyntheticImagesTests
{
    private static readonly ImageSet Images = SyntheticImages.Images(2_000, seed: 5);

    [Fact]
    public void Every_machine_makes_the_same_bytes()
    {
        byte[] content = [.. SyntheticImages.Images(100, seed: 1).Pixels, .. SyntheticImages.Images(100, seed: 1).Labels];
        Assert.Equal("E5668A3363E37A2FD6D7FEB90326DDCA1997345E1B172F83CF8F9EA0AE3D3FC4", Convert.ToHexString(SHA256.HashData(content)));
    }

    [Fact]
    public void A_shorter_set_is_the_beginning_of_a_longer_one()
    {
        ImageSet shorter = SyntheticImages.Images(137, seed: 5);
        Assert.Equal(Images.Take(137).Pixels, shorter.Pixels);
        Assert.Equal(Images.Take(137).Labels, shorter.Labels);
    }

    [Fact]
    public void Each_ten_in_a_row_have_every_class_in_changing_order()
    {
        byte[][] tens = [.. Images.Labels.Chunk(SyntheticImages.Classes)];
        Assert.All(tens, ten => Assert.Equal(SyntheticImages.Classes, ten.Distinct().Count()));
        Assert.True(tens.Select(ten => string.Join(' ', ten)).Distinct().Count() > tens.Length / 2);
    }

    [Fact]
    public void Training_and_test_images_have_none_in_common()
    {
        DataSet data = SyntheticImages.DataSet(train: 200, test: 200);
        HashSet<string> train = [.. Enumerable.Range(0, 200).Select(i => Convert.ToHexString(data.Train.Image(i)))];
        Assert.DoesNotContain(Enumerable.Range(0, 200), i => train.Contains(Convert.ToHexString(data.Test.Image(i))));
        Assert.Contains("synthetic", data.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void The_mean_colour_hardly_tells_the_class()
    {
        ImageSet others = SyntheticImages.Images(2_000, seed: 6);
        double[][] centers = [.. Enumerable.Range(0, SyntheticImages.Classes).Select(c => Center(others, c))];
        int right = Enumerable.Range(0, Images.Count).Count(i => Nearest(centers, MeanColour(Images, i)) == Images.Labels[i]);
        Assert.InRange((double)right / Images.Count, 0, 0.2);
    }

    [Fact]
    public void The_normalised_pixels_have_mean_0_and_deviation_1()
    {
        for (int channel = 0; channel < 3; channel++)
        {
            double[] pixels = [.. Enumerable.Range(0, Images.Count).SelectMany(i => Images.Image(i).Slice(channel * 1024, 1024).ToArray()).Select(b => (b / 255.0 - Images.Mean[channel]) / Images.Deviation[channel])];
            double mean = pixels.Average();
            Assert.InRange(mean, -0.05, 0.05);
            Assert.InRange(Math.Sqrt(pixels.Average(p => p * p) - mean * mean), 0.95, 1.05);
        }
    }

    [Fact]
    public void Each_class_has_a_name() => Assert.Equal(SyntheticImages.Classes, SyntheticImages.ClassNames.Distinct().Count());

    private static double[] MeanColour(ImageSet set, int image) =>
        [.. Enumerable.Range(0, 3).Select(c => set.Image(image).Slice(c * 1024, 1024).ToArray().Average(b => (double)b))];

    private static double[] Center(ImageSet set, int label)
    {
        double[][] colours = [.. Enumerable.Range(0, set.Count).Where(i => set.Labels[i] == label).Select(i => MeanColour(set, i))];
        return [.. Enumerable.Range(0, 3).Select(c => colours.Average(m => m[c]))];
    }

    private static int Nearest(double[][] centers, double[] colour) =>
        Enumerable.Range(0, centers.Length).MinBy(c => centers[c].Zip(colour, (a, b) => (a - b) * (a - b)).Sum());
}
