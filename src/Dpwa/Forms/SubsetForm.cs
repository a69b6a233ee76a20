using System.Globalization;
using Dpwa.Averaging;
using Dpwa.Codecs;
using Dpwa.Data;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Forms;

/// <summary>
/// A pseudo-random fraction p of the float32 parameters a round (SPARTA; Beton et al., "Improving the efficiency of distributed training using sparse parameter
/// averaging", 2025): ⌈p·B⌉ of the model's B blocks, chosen by the seed that all nodes share and the publisher's round. The receiver mixes them in the parameters
/// form where <em>that</em> round says that they belong, so nobody has to be in the same round. Statistics and tensors of other types go whole.
/// </summary>
/// <remarks>After n rounds 1 − (1−p)^n of the parameters have been exchanged at least once. Publishing, memory and transport cost the fraction only.</remarks>
internal sealed class SubsetForm : ModelForm
{
    /// <summary>"subset", so that the same seed and round used for anything else choose independently.</summary>
    private const long Use = 0x737562736574;

    /// <summary>Blocks that fit into one tensor.</summary>
    private const long PieceBlocks = ParameterLayout.MaxTensorBytes / ParameterBlocks.Bytes;

    private readonly ParameterBlocks _blocks;
    private readonly long _chosen;
    private readonly long _seed;
    private readonly int[] _whole;
    private readonly int _pieces;

    public SubsetForm(ParameterLayout model, DpwaOptions options)
        : this(model, new ParameterBlocks(model), options)
    {
    }

    private SubsetForm(ParameterLayout model, ParameterBlocks blocks, DpwaOptions options)
        : base(LayoutOf(model, blocks, options))
    {
        _blocks = blocks;
        _chosen = Chosen(blocks.Count, options.Subset);
        _seed = options.Seed ?? 0;
        _whole = [.. Whole(model)];
        _pieces = Published.Tensors.Length - _whole.Length;
    }

    /// <inheritdoc/>
    public override bool IsWhole => false;

    private protected override bool Write<TModel>(TModel model, Snapshot snapshot)
    {
        KeyedPermutation blocks = BlocksOf(snapshot.Round);
        for (long i = 0; i < _chosen; i++)
        {
            // What is chosen stands at the beginning of the payload, without gaps; a segment ends where a block does.
            Span<byte> values = _blocks.Of(model, blocks[i]);
            Span<byte> place = snapshot.Piece(i * ParameterBlocks.Bytes, ParameterBlocks.Bytes).Span;
            if (!FiniteCopy.Copy(values, place, ElementType.Float32))
                return false;
            place[values.Length..].Clear();
        }

        bool pastCaches = ModelUpdate.PastCaches(Published);
        for (int i = 0; i < _whole.Length; i++)
        {
            int tensor = _pieces + i;
            if (!ModelUpdate.PublishTensor(model.Segment(_whole[i]), snapshot, Published.Offset(tensor), Published.Tensors[tensor].Type, pastCaches))
                return false;
        }

        return true;
    }

    private protected override void Each<TModel, TStep>(TModel model, IPayload peer, in Decision decision, ref TStep step)
    {
        EncodedLayout encoded = EncodedLayout.Of(Published, decision.Codec);
        KeyedPermutation blocks = BlocksOf(decision.Round);
        long blockBytes = PayloadCodecs.EncodedLength(decision.Codec, ParameterBlocks.Elements);
        for (long i = 0; i < _chosen; i++)
        {
            int piece = (int)(i / PieceBlocks);
            long offset = encoded.Offset(piece) + i % PieceBlocks * blockBytes;
            ModelUpdate.OfTensor(_blocks.Of(model, blocks[i]), Published.Tensors[piece], decision.Codec, peer, offset, own: null, 0, ref step);
        }

        for (int i = 0; i < _whole.Length; i++)
        {
            int tensor = _pieces + i;
            ModelUpdate.OfTensor(model.Segment(_whole[i]), Published.Tensors[tensor], encoded.CodecOf(tensor), peer, encoded.Offset(tensor), own: null, 0, ref step);
        }
    }

    private static long Chosen(long blocks, double fraction) => Math.Clamp((long)Math.Ceiling(fraction * blocks), 1, blocks);

    private static IEnumerable<int> Whole(ParameterLayout model) =>
        Enumerable.Range(0, model.Tensors.Length).Where(i => !ParameterBlocks.IsCut(model.Tensors[i]));

    private static ParameterLayout LayoutOf(ParameterLayout model, ParameterBlocks blocks, DpwaOptions options)
    {
        if (blocks.Count == 0)
            throw Unusable(options.Source, "subset chooses among the float32 parameters, and this model has none: leave it out");
        string name = string.Create(
            CultureInfo.InvariantCulture, $"subset {options.Subset} of model {model.Fingerprint:x16}, seed {options.Seed ?? 0}, blocks of {ParameterBlocks.Elements}");
        var subset = new TensorInfo(name, [Chosen(blocks.Count, options.Subset), ParameterBlocks.Elements], ElementType.Float32, TensorKind.Parameter);
        return new([.. ParameterLayout.Split(subset), .. Whole(model).Select(i => model.Tensors[i])]);
    }

    /// <summary>The permutation whose first values are a round's blocks, in the order in which they travel. A peer's round may be any number: each gives blocks of this model.</summary>
    private KeyedPermutation BlocksOf(ulong round) => new(_blocks.Count, KeyedPermutation.Key(_seed, Use, unchecked((long)round)));
}
