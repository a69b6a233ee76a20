using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dpwa.Examples.CharGpt.Model;

/// <summary>
/// A decoder-only transformer (GPT-2, Radford et al., 2019) in the shape of nanoGPT: learned positions, pre-norm blocks, and a head that shares its weights
/// with the token embedding ("Using the output embedding to improve language models", arXiv 1608.05859). No dropout.
/// </summary>
public sealed class Gpt : Module<Tensor, Tensor>
{
    private const double InitialDeviation = 0.02;

    private readonly Embedding tokens, positions;
    private readonly ModuleList<Block> blocks;
    private readonly LayerNorm norm;

    /// <summary>
    /// A net whose initial parameters depend on <paramref name="seed"/> only: workers that are to be averaged should start alike. It draws them from torch's
    /// process-wide random state, which it sets.
    /// </summary>
    public Gpt(GptShape shape, long seed)
        : base(nameof(Gpt))
    {
        ArgumentNullException.ThrowIfNull(shape);
        Shape = shape;
        manual_seed(seed);
        tokens = Embedding(shape.Vocabulary, shape.Embed);
        positions = Embedding(shape.Context, shape.Embed);
        blocks = ModuleList([.. Enumerable.Range(0, shape.Layers).Select(_ => new Block(shape))]);
        norm = LayerNorm(shape.Embed);
        RegisterComponents();

        // As GPT-2: what is added to the residual stream starts the smaller the more often something is added.
        foreach ((string name, Parameter parameter) in named_parameters())
        {
            if (parameter.dim() >= 2)
                init.normal_(parameter, 0, name.EndsWith("out.weight", StringComparison.Ordinal) ? InitialDeviation / Math.Sqrt(2 * shape.Layers) : InitialDeviation);
            else if (name.EndsWith("bias", StringComparison.Ordinal))
                init.zeros_(parameter);
        }
    }

    /// <summary>Its size.</summary>
    public GptShape Shape { get; }

    /// <summary>For each character the scores (logits) of the one that follows it.</summary>
    /// <param name="input">Tokens, batch × length, with a length of at most the context.</param>
    /// <returns>batch × length × vocabulary.</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tokens.forward(input) + positions.forward(arange(input.shape[1], device: input.device));
        foreach (Block block in blocks)
            x = block.forward(x);
        return functional.linear(norm.forward(x), tokens.weight!).MoveToOuterDisposeScope();
    }

    /// <summary>The mean loss in nats a character; perplexity is its exponential.</summary>
    /// <param name="input">Tokens, batch × length.</param>
    /// <param name="targets">The token after each, batch × length.</param>
    public Tensor Loss(Tensor input, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        return functional.cross_entropy(forward(input).flatten(0, 1), targets.flatten());
    }
}
