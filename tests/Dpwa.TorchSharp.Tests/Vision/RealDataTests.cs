using Dpwa.Examples.Vision.Data;

namespace Dpwa.TorchSharp.Tests.Vision;

/// <summary>On the real files, where a copy lies in <c>shared/data</c> beside the repository; skipped elsewhere.</summary>
public sealed class RealDataTests
{
    [Fact]
    public void Mnist_is_complete()
    {
        DataSet data = DataSet.Load(Directory("mnist"));
        Assert.Equal((60_000, 10_000), (data.Train.Count, data.Test.Count));
        Assert.Equal([5, 0, 4, 1, 9], data.Train.Labels[..5]);
        Assert.Equal(0.1307, data.Train.Pixels.Average(p => p / 255.0), 0.001);
    }

    [Fact]
    public void Cifar10_has_every_class_and_the_usual_colours()
    {
        DataSet data = DataSet.Load(Directory("cifar10-ci"));
        Assert.Equal(10, data.Train.Labels.Distinct().Count());
        Assert.Equal(10, data.Test.Labels.Distinct().Count());
        for (int channel = 0; channel < 3; channel++)
        {
            double mean = Enumerable.Range(0, 1_000).Average(i => data.Train.Image(i).Slice(channel * 1024, 1024).ToArray().Average(p => p / 255.0));
            Assert.Equal(data.Train.Mean[channel], mean, 0.03);
        }
    }

    private static string Directory(string name)
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (at.GetFiles("Dpwa.slnx").Length > 0)
            {
                string path = Path.GetFullPath(Path.Combine(at.FullName, "..", "shared", "data", name));
                Assert.SkipUnless(System.IO.Directory.Exists(path), "The data is not here.");
                return path;
            }
        }

        Assert.Skip("The repository is not here.");
        return "";
    }
}
