using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dpwa.Examples.Vision.Models;

/// <summary>MobileNet (arXiv 1704.04861) for small images: each block filters every channel on its own and then mixes the channels.</summary>
public sealed class MobileNet : Module<Tensor, Tensor>
{
    private static readonly (int Width, int Stride)[] Blocks =
        [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1)];

    private readonly Module<Tensor, Tensor> features, fc;

    /// <summary>A net for images of <paramref name="channels"/> channels.</summary>
    public MobileNet(int channels = 3, int classes = 10)
        : base(nameof(MobileNet))
    {
        int from = 32;
        List<Module<Tensor, Tensor>> steps = [Conv2d(channels, from, 3, padding: 1, bias: false), BatchNorm2d(from), ReLU()];
        foreach ((int width, int stride) in Blocks)
        {
            steps.AddRange([Conv2d(from, from, 3, stride: stride, padding: 1, groups: from, bias: false), BatchNorm2d(from), ReLU()]);
            steps.AddRange([Conv2d(from, width, 1, bias: false), BatchNorm2d(width), ReLU()]);
            from = width;
        }

        features = Sequential(steps);
        fc = Linear(from, classes);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) =>
        fc.forward(functional.adaptive_avg_pool2d(features.forward(input), 1).flatten(1));
}
