using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dpwa.Examples.Vision.Models;

/// <summary>ResNet-18 for small images ("Deep residual learning for image recognition", arXiv 1512.03385): a 3×3 stem and no first pooling.</summary>
public sealed class ResNet18 : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> stem, layers, fc;

    /// <summary>A net for images of <paramref name="channels"/> channels.</summary>
    public ResNet18(int channels = 3, int classes = 10)
        : base(nameof(ResNet18))
    {
        stem = Sequential(Conv2d(channels, 64, 3, padding: 1, bias: false), BatchNorm2d(64), ReLU());
        layers = Sequential(
            new ResidualBlock(64, 64, 1), new ResidualBlock(64, 64, 1),
            new ResidualBlock(64, 128, 2), new ResidualBlock(128, 128, 1),
            new ResidualBlock(128, 256, 2), new ResidualBlock(256, 256, 1),
            new ResidualBlock(256, 512, 2), new ResidualBlock(512, 512, 1));
        fc = Linear(512, classes);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) =>
        fc.forward(functional.adaptive_avg_pool2d(layers.forward(stem.forward(input)), 1).flatten(1));
}

/// <summary>Two convolutions, each with its normalisation behind it, around a shortcut.</summary>
internal sealed class ResidualBlock : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> residual, shortcut;

    public ResidualBlock(int from, int to, int stride)
        : base(nameof(ResidualBlock))
    {
        residual = Sequential(
            Conv2d(from, to, 3, stride: stride, padding: 1, bias: false), BatchNorm2d(to), ReLU(),
            Conv2d(to, to, 3, padding: 1, bias: false), BatchNorm2d(to));
        shortcut = stride == 1 && from == to
            ? Identity()
            : Sequential(Conv2d(from, to, 1, stride: stride, bias: false), BatchNorm2d(to));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => functional.relu(residual.forward(input) + shortcut.forward(input));
}
