using Dpwa.Examples.CharGpt.Model;
using Dpwa.Examples.CharGpt.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Dpwa.Examples.CharGpt.Training;

/// <summary>How well a model does.</summary>
public static class Evaluation
{
    private const int BatchSize = 32;

    /// <summary>The mean loss, in nats a character, over a text cut into windows of the model's context.</summary>
    /// <exception cref="CharGptException">The text is too short for one.</exception>
    public static double Loss(Gpt net, ReadOnlyMemory<long> text)
    {
        ArgumentNullException.ThrowIfNull(net);
        using var noGradients = no_grad();
        double sum = 0;
        long windows = 0;
        foreach ((Tensor inputs, Tensor targets) in new Windows(text, net.Shape.Context, BatchSize).InOrder())
        {
            using DisposeScope scope = NewDisposeScope();
            sum += net.Loss(inputs, targets).ToDouble() * inputs.shape[0];
            windows += inputs.shape[0];
            inputs.Dispose();
            targets.Dispose();
        }

        return sum / windows;
    }
}
