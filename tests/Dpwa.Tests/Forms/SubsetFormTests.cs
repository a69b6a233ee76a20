using System.Runtime.InteropServices;
using Dpwa.Averaging;
using Dpwa.Codecs;
using Dpwa.Data;
using Dpwa.Forms;
using Dpwa.Protocol;
using Dpwa.Snapshots;
using Dpwa.Tests.Codecs;

namespace Dpwa.Tests.Forms;

/// <summary>docs/protocol.md, "Subset": which blocks travel where, and that exactly these are mixed.</summary>
public class SubsetFormTests
{
    private const int Block = 256;

    /// <summary>Tensors of every type and kind; float32 parameters of 1, 2, 3 and 5 blocks, one of them whole.</summary>
    private static readonly ParameterLayout Mixed = new([
        new("half", [9], ElementType.Float16, TensorKind.Parameter),
        new("short", [3], ElementType.Float32, TensorKind.Parameter),
        new("mean", [300], ElementType.Float32, TensorKind.Statistic),
        new("exact", [2, 256], ElementType.Float32, TensorKind.Parameter),
        new("long", [5, 200], ElementType.Float32, TensorKind.Parameter),
        new("double", [7], ElementType.Float64, TensorKind.Parameter),
        new("odd", [257], ElementType.Float32, TensorKind.Parameter)]);

    /// <summary>The blocks of <see cref="Mixed"/> in their numbers' order: tensor, first element, elements.</summary>
    private static readonly (int Tensor, int First, int Count)[] Blocks =
    [
        (1, 0, 3), (3, 0, 256), (3, 256, 256), (4, 0, 256), (4, 256, 256), (4, 512, 256), (4, 768, 232), (6, 0, 256), (6, 256, 1),
    ];

    public static TheoryData<PayloadCodec> Codecs => [PayloadCodec.Native, .. CodecValues.Lossy];

    [Theory]
    [InlineData(0.005, 1)]
    [InlineData(0.3, 3)]
    [InlineData(0.34, 4)]
    [InlineData(0.999, 9)]
    public void A_payload_has_the_fraction_rounded_up_of_all_blocks_as_one_tensor_and_what_goes_whole_behind_it(double fraction, int count)
    {
        ParameterLayout published = Node(fraction, seed: 7).Form.Published;
        TensorInfo[] whole = [.. Mixed.Tensors.Where(t => t.Type != ElementType.Float32 || t.Kind == TensorKind.Statistic)];
        Assert.Equal(FormattableString.Invariant($"subset {fraction} of model {Mixed.Fingerprint:x16}, seed 7, blocks of 256 float32[{count},256]"), published.Tensors[0].ToString());
        Assert.Equal(TensorKind.Parameter, published.Tensors[0].Kind);
        Assert.Equal(whole, published.Tensors.Skip(1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(77)]
    [InlineData(ulong.MaxValue)]
    public void The_bytes_are_those_of_the_documentation(ulong round)
    {
        FormNode node = Filled(Node(0.5, seed: -3), 1);
        var expected = new List<byte>();
        foreach ((int tensor, int first, int count) in Chosen(5, -3, round))
        {
            expected.AddRange(MemoryMarshal.AsBytes(node.Model.Values(tensor).Slice(first, count)));
            expected.AddRange(new byte[(Block - count) * sizeof(float)]);
        }

        foreach (int tensor in (int[])[0, 2, 5])
        {
            expected.AddRange(node.Model.Segment(tensor));
            expected.AddRange(new byte[(64 - expected.Count % 64) % 64]);
        }

        // Written over another round's: nothing of that is left in the gaps.
        var snapshot = new Snapshot(node.Form.Published);
        Assert.True(node.Form.Publish(node.Model, snapshot, round + 1));
        Assert.True(node.Form.Publish(node.Model, snapshot, round));
        Assert.Equal(expected, CodecModel.Read(snapshot));
    }

    /// <summary>Computed from the text of docs/protocol.md by a program in another language.</summary>
    [Theory]
    [InlineData(3, 6, 100, new[] { 66, 62, 75, 89, 58, 24, 70, 99 })]
    [InlineData(-3, ulong.MaxValue, 100_000, new[] { 85083, 92756, 52653, 51981 })]
    public void The_blocks_are_those_that_others_compute(int seed, ulong round, int blocks, int[] expected)
    {
        var node = new FormNode(ParameterLayout.Flat(blocks * Block), new() { Seed = seed, Subset = 0.08 });
        for (int b = 0; b < blocks; b++)
            node.Model.Values()[b * Block] = b;
        using Snapshot snapshot = node.Publish(round);
        Assert.Equal(expected, Enumerable.Range(0, expected.Length).Select(i => (int)MemoryMarshal.Read<float>(snapshot.Piece(i * 1024, 4).Span)));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Exactly_the_chosen_blocks_of_the_publishers_round_move_by_the_factor_and_the_rest_whole(PayloadCodec codec)
    {
        const double a = 0.25;
        FormNode mine = Filled(Node(0.4), 1), theirs = Filled(Node(0.4), 2), before = Filled(Node(0.4), 1);
        using Snapshot snapshot = theirs.Publish(round: 41);
        mine.Mix(snapshot, a, codec: codec);

        (int Tensor, int First, int Count)[] chosen = Chosen(4, 0, 41);
        foreach ((int tensor, int first, int count) in Blocks)
        {
            float[] expected = before.Model.Values(tensor).Slice(first, count).ToArray();
            if (chosen.Contains((tensor, first, count)))
            {
                float[] block = [.. theirs.Model.Values(tensor).Slice(first, count), .. new float[Block - count]];
                byte[] encoded = new byte[PayloadCodecs.EncodedLength(codec, Block)];
                PayloadCodecs.Encode(codec, block, encoded);
                PayloadCodecs.Decode(codec, encoded, block);
                for (int i = 0; i < count; i++)
                    expected[i] = expected[i] * (float)(1 - a) + block[i] * (float)a;
            }

            Assert.Equal(expected, mine.Model.Values(tensor).Slice(first, count).ToArray());
        }

        foreach (int tensor in (int[])[0, 2, 5])
        {
            byte[] expected = before.Model.Segment(tensor).ToArray();
            Mixing.Interpolate(expected, theirs.Model.Segment(tensor), a, Mixed.Tensors[tensor].Type);
            Assert.Equal(expected, mine.Model.Segment(tensor));
        }
    }

    /// <summary>The header is the peer's word. A wrong round moves other blocks, never anything beside the model.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1UL << 63)]
    [InlineData(ulong.MaxValue)]
    public void Any_round_is_harmless(ulong round)
    {
        FormNode mine = Node(0.4);
        FormNode theirs = Node(0.4);
        foreach ((int tensor, _, _) in Blocks)
            theirs.Model.Values(tensor).Fill(1);
        using Snapshot snapshot = theirs.Publish(round: 5);
        mine.Mix(snapshot, a: 1, round: round);
        int moved = 0;
        foreach ((int tensor, int first, int count) in Blocks)
        {
            float[] values = mine.Model.Values(tensor).Slice(first, count).ToArray();
            Assert.All(values, v => Assert.InRange(v, 0, 1));
            moved += values.Any(v => v > 0) ? 1 : 0;
        }

        // A short block that is sent where a longer one belongs has zeros behind.
        Assert.InRange(moved, 1, 4);
    }

    [Fact]
    public void Seeds_and_rounds_choose_independently_and_every_block_in_time()
    {
        Assert.NotEqual(Chosen(4, 0, 1), Chosen(4, 0, 2));
        Assert.NotEqual(Chosen(4, 0, 1), Chosen(4, 1, 1));
        Assert.Equal(Blocks.Order(), Enumerable.Range(1, 60).SelectMany(r => Chosen(1, 0, (ulong)r)).Distinct().Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_not_finite_is_not_published_where_it_is_looked_at(bool inStatistic)
    {
        FormNode node = Filled(Node(0.2), 1);
        (int tensor, int first, _) = inStatistic ? (2, 17, 1) : Chosen(2, 0, 9)[1];
        node.Model.Values(tensor)[first] = float.NaN;
        var snapshot = new Snapshot(node.Form.Published);
        Assert.False(node.Form.Publish(node.Model, snapshot, 9));
        if (!inStatistic)
            Assert.Contains(Enumerable.Range(1, 60), r => node.Form.Publish(node.Model, snapshot, (ulong)r));
    }

    [Fact]
    public void A_model_without_float32_parameters_has_nothing_to_choose_from()
    {
        var layout = new ParameterLayout([new("half", [9], ElementType.Float16, TensorKind.Parameter)]);
        var thrown = Assert.Throws<DpwaConfigurationException>(() => new FormNode(layout, new() { Subset = 0.1 }));
        Assert.Contains("subset chooses among the float32 parameters, and this model has none", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_whole_model_is_the_plain_form() => Assert.Equal(Mixed, ModelForm.Create(Mixed, new() { Subset = 1 }).Published);

    private static FormNode Node(double fraction, int? seed = null) => new(Mixed, new() { Subset = fraction, Seed = seed });

    private static FormNode Filled(FormNode node, int seed)
    {
        for (int i = 0; i < Mixed.Tensors.Length; i++)
        {
            TensorInfo tensor = Mixed.Tensors[i];
            float[] values = CodecValues.Parameters((int)tensor.Elements, seed * 100 + i);
            switch (tensor.Type)
            {
                case ElementType.Float32: values.CopyTo(node.Model.Values(i)); break;
                case ElementType.Float64: MemoryMarshal.AsBytes(Array.ConvertAll(values, v => (double)v).AsSpan()).CopyTo(node.Model.Segment(i)); break;
                default: MemoryMarshal.AsBytes(Array.ConvertAll(values, v => (Half)v).AsSpan()).CopyTo(node.Model.Segment(i)); break;
            }
        }

        return node;
    }

    /// <summary>A round's blocks in the order in which they travel, by the documentation.</summary>
    private static (int Tensor, int First, int Count)[] Chosen(int count, long seed, ulong round)
    {
        var permutation = new KeyedPermutation(Blocks.Length, KeyedPermutation.Key(seed, 0x737562736574, unchecked((long)round)));
        return [.. Enumerable.Range(0, count).Select(i => Blocks[permutation[i]])];
    }
}
