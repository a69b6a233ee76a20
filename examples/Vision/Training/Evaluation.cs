using Dpwa.Examples.Vision.Data;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dpwa.Examples.Vision.Training;

/// <summary>How well a model does.</summary>
public static class Evaluation
{
    /// <summary>The share of the images, in [0, 1], whose class <paramref name="net"/> finds. The model is left in the mode that it was in.</summary>
    public static double Accuracy(Module<Tensor, Tensor> net, ImageBatches images)
    {
        ArgumentNullException.ThrowIfNull(net);
        ArgumentNullException.ThrowIfNull(images);
        bool training = net.training;
        net.eval();
        using var noGradients = no_grad();
        long right = 0, all = 0;
        foreach (ImageBatch batch in images.InOrder())
        {
            using DisposeScope scope = NewDisposeScope();
            right += net.forward(batch.Images).argmax(1).eq(batch.Labels).sum().ToInt64();
            all += batch.Count;
        }

        net.train(training);
        return all == 0 ? 0 : (double)right / all;
    }
}
