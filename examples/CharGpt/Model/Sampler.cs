using TorchSharp;
using static TorchSharp.torch;

namespace Dpwa.Examples.CharGpt.Model;

/// <summary>Lets a model write.</summary>
public static class Sampler
{
    /// <summary>Draws <paramref name="count"/> tokens, each from the probabilities that the model gives after those before it.</summary>
    /// <param name="net">The model.</param>
    /// <param name="start">What it goes on from, at least one token; not part of the result.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">Fixes the draws; torch's process-wide random state is not touched.</param>
    /// <param name="temperature">Above 0; below 1 the likely becomes likelier.</param>
    public static long[] Sample(Gpt net, ReadOnlySpan<long> start, int count, ulong seed, double temperature = 0.8)
    {
        ArgumentNullException.ThrowIfNull(net);
        ArgumentOutOfRangeException.ThrowIfZero(start.Length, nameof(start));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        using var noGradients = no_grad();
        using var chance = new Generator(seed);
        long[] text = [.. start, .. new long[count]];
        for (int i = start.Length; i < text.Length; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            int from = Math.Max(0, i - net.Shape.Context);
            Tensor scores = net.forward(tensor(text[from..i], 1, i - from))[0, -1];
            text[i] = multinomial((scores / temperature).softmax(0), 1, generator: chance).ToInt64();
        }

        return text[start.Length..];
    }
}
