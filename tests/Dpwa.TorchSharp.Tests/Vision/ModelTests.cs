using Dpwa.Examples.Vision;
using Dpwa.Examples.Vision.Data;
using Dpwa.Examples.Vision.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dpwa.TorchSharp.Tests.Vision;

[Collection(nameof(VisionCollection))]
public sealed class ModelTests
{
    private static readonly ImageShape Color = new(3, 32, 32);
    private static readonly ImageShape Digit = new(1, 28, 28);

    public static TheoryData<string> Names => [.. ModelCatalog.All.Select(m => m.Name)];

    [Theory]
    [InlineData("lenet", 62_006)]
    [InlineData("mobilenet", 3_217_226)]
    [InlineData("preactresnet18", 11_171_146)]
    [InlineData("resnet18", 11_173_962)]
    [InlineData("vgg16", 14_728_266)]
    public void Each_model_has_the_published_number_of_parameters(string name, long expected)
    {
        using Module<Tensor, Tensor> net = ModelCatalog.Create(name, Color, classes: 10, seed: 0);
        Assert.Equal(expected, net.parameters().Sum(p => p.numel()));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_model_takes_pictures_and_digits(string name)
    {
        foreach (ImageShape shape in new[] { Color, Digit })
        {
            using DisposeScope scope = NewDisposeScope();
            using Module<Tensor, Tensor> net = ModelCatalog.Create(name, shape, classes: 10, seed: 0);
            Tensor scores = net.forward(zeros(2, shape.Channels, shape.Height, shape.Width));
            Assert.Equal([2, 10], scores.shape);
            Assert.True(scores.isfinite().all().ToBoolean());
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_net_and_another_seed_another()
    {
        float[][] weights = [.. new[] { 1, 1, 2 }.Select(seed => FirstWeights("lenet", seed))];
        Assert.Equal(weights[0], weights[1]);
        Assert.NotEqual(weights[0], weights[2]);
    }

    [Fact]
    public void Names_may_be_in_capitals() => Assert.Equal("resnet18", ModelCatalog.Find("ResNet18").Name);

    [Fact]
    public void An_unknown_model_is_told_all_names()
    {
        var error = Assert.Throws<VisionException>(() => ModelCatalog.Create("alexnet", Color, 10, 0));
        Assert.All(ModelCatalog.All, m => Assert.Contains(m.Name, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Images_of_another_size_are_refused() =>
        Assert.Throws<VisionException>(() => ModelCatalog.Create("lenet", new ImageShape(3, 64, 64), 10, 0));

    private static float[] FirstWeights(string name, long seed)
    {
        using Module<Tensor, Tensor> net = ModelCatalog.Create(name, Color, classes: 10, seed);
        return net.parameters().First().data<float>().ToArray();
    }
}
