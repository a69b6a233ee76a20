using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dpwa.Examples.Vision.Models;

/// <summary>ResNet-18 with normalisation before the convolutions ("Identity mappings in deep residual networks", arXiv 1603.05027): the
/// model that the original dpwa trains.</summary>
public sealed class PreActResNet18 : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> stem, layers, fc;

    /// <summary>A net for images of <paramref name="channels"/> channels.</summary>
    public PreActResNet18(int channels = 3, int classes = 10)
        : base(nameof(PreActResNet18))
    {
        stem = Conv2d(channels, 64, 3, padding: 1, bias: false);
        layers = Sequential(
            new PreActBlock(64, 64, 1), new PreActBlock(64, 64, 1),
            new PreActBlock(64, 128, 2), new PreActBlock(128, 128, 1),
            new PreActBlock(128, 256, 2), new PreActBlock(256, 256, 1),
            new PreActBlock(256, 512, 2), new PreActBlock(512, 512, 1));
        fc = Linear(512, classes);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) =>
        fc.forward(functional.adaptive_avg_pool2d(layers.forward(stem.forward(input)), 1).flatten(1));
}

/// <summary>Two convolutions, each with its normalisation before it, around a shortcut.</summary>
internal sealed class PreActBlock : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> activation, residual;
    private readonly Module<Tensor, Tensor>? shortcut;

    public PreActBlock(int from, int to, int stride)
        : base(nameof(PreActBlock))
    {
        activation = Sequential(BatchNorm2d(from), ReLU());
        residual = Sequential(
            Conv2d(from, to, 3, stride: stride, padding: 1, bias: false), BatchNorm2d(to), ReLU(),
            Conv2d(to, to, 3, padding: 1, bias: false));
        if (stride != 1 || from != to)
            shortcut = Conv2d(from, to, 1, stride: stride, bias: false);
        RegisterComponents();
    }

    // A shortcut that convolves starts from the activated input; one that does not passes the input through untouched.
    public override Tensor forward(Tensor input)
    {
        Tensor active = activation.forward(input);
        return residual.forward(active) + (shortcut?.forward(active) ?? input);
    }
}
