using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dpwa.Examples.CharGpt.Model;

/// <summary>One layer: characters look at those before them, then each thinks by itself. Both read a normalised stream and add to it (pre-norm).</summary>
internal sealed class Block : Module<Tensor, Tensor>
{
    private readonly LayerNorm norm1, norm2;
    private readonly CausalAttention attention;
    private readonly Mlp mlp;

    public Block(GptShape shape)
        : base(nameof(Block))
    {
        norm1 = LayerNorm(shape.Embed);
        attention = new CausalAttention(shape);
        norm2 = LayerNorm(shape.Embed);
        mlp = new Mlp(shape.Embed);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        Tensor y = x + attention.forward(norm1.forward(x));
        return y + mlp.forward(norm2.forward(y));
    }

    /// <summary>Self-attention in which no character sees a later one ("Attention is all you need", arXiv 1706.03762).</summary>
    private sealed class CausalAttention : Module<Tensor, Tensor>
    {
        private readonly int _heads;
        private readonly Linear qkv, @out;

        public CausalAttention(GptShape shape)
            : base(nameof(CausalAttention))
        {
            _heads = shape.Heads;
            qkv = Linear(shape.Embed, 3 * shape.Embed);
            @out = Linear(shape.Embed, shape.Embed);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            // batch × length × 3·embed, to three of batch × heads × length × embed/heads.
            Tensor[] parts = qkv.forward(x).view(x.shape[0], x.shape[1], 3 * _heads, -1).transpose(1, 2).chunk(3, 1);
            Tensor mixed = functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], is_casual: true);
            return @out.forward(mixed.transpose(1, 2).flatten(2));
        }
    }

    private sealed class Mlp : Module<Tensor, Tensor>
    {
        private readonly Linear @in, @out;

        public Mlp(int embed)
            : base(nameof(Mlp))
        {
            @in = Linear(embed, 4 * embed);
            @out = Linear(4 * embed, embed);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => @out.forward(functional.gelu(@in.forward(x)));
    }
}
