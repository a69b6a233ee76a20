using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dpwa.Examples.Vision.Models;

/// <summary>VGG-16 (arXiv 1409.1556) for small images: with batch normalisation, and one linear layer in place of three.</summary>
public sealed class Vgg16 : Module<Tensor, Tensor>
{
    private const int Pool = 0;
    private static readonly int[] Plan = [64, 64, Pool, 128, 128, Pool, 256, 256, 256, Pool, 512, 512, 512, Pool, 512, 512, 512, Pool];

    private readonly Module<Tensor, Tensor> features, fc;

    /// <summary>A net for images of <paramref name="channels"/> channels and at most 32×32 pixels.</summary>
    public Vgg16(int channels = 3, int classes = 10)
        : base(nameof(Vgg16))
    {
        var steps = new List<Module<Tensor, Tensor>>();
        foreach (int width in Plan)
        {
            if (width == Pool)
            {
                // Rounding up, 28×28 arrives at 1×1 as 32×32 does.
                steps.Add(MaxPool2d(2, ceil_mode: true));
                continue;
            }

            steps.AddRange([Conv2d(channels, width, 3, padding: 1), BatchNorm2d(width), ReLU()]);
            channels = width;
        }

        features = Sequential(steps);
        fc = Linear(512, classes);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => fc.forward(features.forward(input).flatten(1));
}
