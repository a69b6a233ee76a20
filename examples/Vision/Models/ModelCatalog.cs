using System.Collections.Immutable;
using Dpwa.Examples.Vision.Data;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dpwa.Examples.Vision.Models;

/// <summary>A model that can be asked for by name.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="LearningRate">A learning rate that suits it, with momentum 0.9 and batches of 128.</param>
/// <param name="Build">Makes it for images of this shape and this many classes.</param>
public sealed record ModelInfo(string Name, double LearningRate, Func<ImageShape, int, Module<Tensor, Tensor>> Build);

/// <summary>The models of the examples.</summary>
public static class ModelCatalog
{
    /// <summary>All models, the smallest first.</summary>
    public static ImmutableArray<ModelInfo> All { get; } =
    [
        new("lenet", 0.02, (shape, classes) => new LeNet(shape.Channels, shape.Width, classes)),
        new("mobilenet", 0.1, (shape, classes) => new MobileNet(shape.Channels, classes)),
        new("preactresnet18", 0.1, (shape, classes) => new PreActResNet18(shape.Channels, classes)),
        new("resnet18", 0.1, (shape, classes) => new ResNet18(shape.Channels, classes)),
        new("vgg16", 0.05, (shape, classes) => new Vgg16(shape.Channels, classes)),
    ];

    /// <summary>The model of this name, in capitals or not.</summary>
    /// <exception cref="VisionException">There is none.</exception>
    public static ModelInfo Find(string name) =>
        All.FirstOrDefault(m => m.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new VisionException($"There is no model '{name}'. The models are {string.Join(", ", All.Select(m => m.Name))}.");

    /// <summary>
    /// Makes a model whose initial parameters depend on <paramref name="seed"/> only: workers that are to be averaged should start
    /// alike, since the mean of two nets that were initialised differently is worse than either.
    /// </summary>
    /// <exception cref="VisionException">There is no such model, or it does not take images of this shape.</exception>
    public static Module<Tensor, Tensor> Create(string name, ImageShape shape, int classes, long seed)
    {
        ModelInfo model = Find(name);
        if (shape.Height != shape.Width || shape.Height is not (28 or 32))
            throw new VisionException($"The models take images of 28×28 or 32×32 pixels, not {shape.Height}×{shape.Width}.");
        manual_seed(seed);
        return model.Build(shape, classes);
    }
}
