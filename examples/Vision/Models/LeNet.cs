using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dpwa.Examples.Vision.Models;

/// <summary>LeNet-5 (LeCun et al., 1998) with rectifiers: two convolutions, three linear layers. The smallest and the fastest here.</summary>
public sealed class LeNet : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> conv1, conv2, fc1, fc2, fc3;

    /// <summary>A net for images of <paramref name="channels"/> × <paramref name="side"/> × <paramref name="side"/>, with <paramref name="side"/> 28 or 32.</summary>
    public LeNet(int channels = 3, int side = 32, int classes = 10)
        : base(nameof(LeNet))
    {
        // Images of 28×28 get a border, as in the paper, so that both sizes arrive at 5×5.
        conv1 = Conv2d(channels, 6, 5, padding: (32 - side) / 2);
        conv2 = Conv2d(6, 16, 5);
        fc1 = Linear(16 * 5 * 5, 120);
        fc2 = Linear(120, 84);
        fc3 = Linear(84, classes);
        RegisterComponents();

        // He's initialisation (arXiv 1502.01852): with libtorch's default, a net of rectifiers without normalisation sits on a
        // plateau for its first hundred batches.
        // The last layer keeps the default, so that the first guesses are even.
        foreach ((string name, Parameter parameter) in named_parameters().Where(p => !p.name.StartsWith(nameof(fc3), StringComparison.Ordinal)))
        {
            if (name.EndsWith("weight", StringComparison.Ordinal))
                init.kaiming_normal_(parameter, nonlinearity: init.NonlinearityType.ReLU);
            else
                init.zeros_(parameter);
        }
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        Tensor x = functional.max_pool2d(functional.relu(conv1.forward(input)), 2);
        x = functional.max_pool2d(functional.relu(conv2.forward(x)), 2);
        x = functional.relu(fc1.forward(x.flatten(1)));
        x = functional.relu(fc2.forward(x));
        return fc3.forward(x);
    }
}
