using System.Runtime.InteropServices;
using Dpwa.Data;
using Dpwa.Forms;
using Dpwa.Protocol;
using Dpwa.Snapshots;
using Dpwa.Tests.Codecs;

namespace Dpwa.Tests.Forms;

/// <summary>The outer optimizer's form by itself: what it publishes, its step, its state.</summary>
public class OuterFormTests
{
    private static readonly ParameterLayout Model = new([
        new("short", [3], ElementType.Float32, TensorKind.Parameter),
        new("mean", [70], ElementType.Float32, TensorKind.Statistic),
        new("long", [5, 500], ElementType.Float32, TensorKind.Parameter),
        new("count", [], ElementType.Float64, TensorKind.Statistic)]);

    private static readonly DpwaOptions Delta = GossipMethods.Options("noloco");

    public static TheoryData<PayloadCodec> Codecs => [PayloadCodec.Native, .. CodecValues.Lossy];

    [Fact]
    public void The_slow_copies_are_published_before_the_model_and_begin_as_it()
    {
        FormNode node = Filled(1);
        Assert.Equal(
            ["outer optimizer's slow copy of short float32[3]", "outer optimizer's slow copy of long float32[5,500]", .. Model.Tensors.Select(t => t.ToString())],
            node.Form.Published.Tensors.Select(t => t.ToString()));
        using Snapshot snapshot = node.Publish(1);
        byte[][] tensors = [.. Enumerable.Range(0, 6).Select(i => snapshot.Piece(snapshot.Layout.Offset(i), snapshot.Layout.Tensors[i].ByteLength).ToArray())];
        Assert.Equal([0, 2, 0, 1, 2, 3], Enumerable.Range(0, 6).Select(i => Enumerable.Range(0, 4).Single(t => node.Model.Segment(t).SequenceEqual(tensors[i]))));
    }

    /// <summary>Statistics are mixed by the factor as always; parameters by the step with what the codec leaves of the peer's, and with my own exactly.</summary>
    [Theory]
    [MemberData(nameof(Codecs))]
    public void One_step_is_that_of_the_reference(PayloadCodec codec)
    {
        foreach (bool delta in (bool[])[false, true])
        {
            FormNode mine = Filled(1), theirs = Filled(2), old = Filled(1);
            using Snapshot first = mine.Publish(1), theirFirst = theirs.Publish(1);
            Train(mine, 3);
            Train(theirs, 4);
            using Snapshot own = mine.Publish(2);
            using Snapshot peer = theirs.Publish(2);
            Train(mine, 5);

            var references = new Dictionary<int, OuterReference>();
            foreach (int t in (int[])[0, 2])
            {
                var reference = new OuterReference(Doubles(old.Model.Values(t)));
                Doubles(mine.Model.Values(t)).CopyTo(reference.Theta, 0);
                double[] published = delta ? Doubles(Values(own, own.Layout.Tensors.Length - 4 + t)) : [.. reference.Theta];
                reference.Step((published, reference.Phi), (Decoded(peer, 2 + t, codec), Decoded(peer, t / 2, codec)), Delta.Outer!);
                references[t] = reference;
            }

            float[] mean = mine.Model.Values(1).ToArray();
            double count = MemoryMarshal.Read<double>(mine.Model.Segment(3));
            mine.Mix(peer, own: delta ? own : null, codec: codec);

            OuterOptimizerState state = ((OuterForm)mine.Form).Export()!;
            foreach ((int t, OuterReference reference) in references)
            {
                Near(reference.Theta, mine.Model.Values(t), 1e-5);
                Near(reference.Phi, state.Slow[t / 2].Span, 1e-5);
                Near(reference.Momentum, state.Momentum[t / 2].Span, 1e-5);
            }

            Assert.Equal(mean.Zip(theirs.Model.Values(1).ToArray(), (m, t) => m * 0.5f + t * 0.5f), mine.Model.Values(1).ToArray());
            Assert.Equal(count * 0.5 + MemoryMarshal.Read<double>(theirs.Model.Segment(3)) * 0.5, MemoryMarshal.Read<double>(mine.Model.Segment(3)));
        }
    }

    /// <summary>A pair that takes the same step from the same φ stays one, bit for bit.</summary>
    [Fact]
    public void Both_of_a_pair_with_one_slow_copy_come_to_the_same_parameters()
    {
        FormNode a = Filled(1), b = Filled(1);
        using (a.Publish(1))
        using (b.Publish(1))
        {
            Train(a, 2);
            Train(b, 3);
        }

        using Snapshot fromA = a.Publish(2), fromB = b.Publish(2);
        a.Mix(fromB, own: fromA);
        b.Mix(fromA, own: fromB);
        for (int t = 0; t < 4; t++)
            Assert.Equal(a.Model.Segment(t), b.Model.Segment(t));
    }

    /// <summary>The bound that the configuration refuses at: V = Σ‖φ_i − φ̄‖² over random pairs, which a single pair's own dynamics (stable up to 2(1+α)) would not show.</summary>
    [Theory]
    [InlineData(0.0, 0.8, false)]
    [InlineData(0.5, 0.8, false)]
    [InlineData(0.7, 0.8, false)]
    [InlineData(0.0, 1.25, true)]
    [InlineData(0.5, 1.25, true)]
    [InlineData(0.7, 1.25, true)]
    public void Mean_square_consensus_is_bounded_below_the_bound_of_gamma_and_not_beyond(double alpha, double ofTheBound, bool explodes)
    {
        const int nodes = 128, rounds = 150;
        var outer = new OuterOptimizerOptions(alpha, 0.7, ofTheBound * 2 * (1 - alpha * alpha));
        ParameterLayout layout = ParameterLayout.Flat(64);
        FormNode[] all = [.. Enumerable.Range(0, nodes).Select(_ => new FormNode(layout, Delta with { Outer = outer }))];
        OuterReference[] references = new OuterReference[nodes];
        var random = new Random(1);
        for (int i = 0; i < nodes; i++)
        {
            foreach (ref float value in all[i].Model.Values())
                value = (float)(random.NextDouble() - 0.5);
            references[i] = new OuterReference(Doubles(all[i].Model.Values()));
        }

        double before = Distance(all);
        for (ulong round = 1; round <= rounds; round++)
        {
            var order = new KeyedPermutation(nodes, round);
            Snapshot[] published = [.. all.Select(n => n.Publish(round))];
            (double[], double[])[] published64 = [.. references.Select(r => r.Publish())];
            for (int i = 0; i < nodes; i += 2)
            {
                (int a, int b) = ((int)order[i], (int)order[i + 1]);
                all[a].Mix(published[b], own: published[a]);
                all[b].Mix(published[a], own: published[b]);
                references[a].Step(published64[a], published64[b], outer);
                references[b].Step(published64[b], published64[a], outer);
            }
        }

        double growth = Distance(all) / before;
        Assert.True(explodes ? growth > 100 : growth < 0.01, $"V has grown by {growth}");
        double scale = references.Max(r => r.Phi.Max(Math.Abs));
        for (int i = 0; i < nodes; i++)
            Near(references[i].Phi, all[i].Model.Values(), 1e-3 * Math.Max(scale, 1e-2));
    }

    [Fact]
    public void A_model_that_has_broken_down_leaves_the_slow_copy_as_it_was()
    {
        FormNode mine = Filled(1), theirs = Filled(2);
        using Snapshot first = mine.Publish(1), peer = theirs.Publish(1);
        OuterOptimizerState before = ((OuterForm)mine.Form).Export()!;
        foreach (int t in (int[])[0, 2])
            mine.Model.Values(t).Fill(float.NaN);
        mine.Mix(peer);
        OuterOptimizerState after = ((OuterForm)mine.Form).Export()!;
        for (int p = 0; p < 2; p++)
            Assert.Equal(before.Slow[p].ToArray(), after.Slow[p].ToArray());
        Assert.False(mine.Form.Publish(mine.Model, new Snapshot(mine.Form.Published), 2));

        Filled(1).Model.CopyTo(mine.Model);
        using Snapshot again = mine.Publish(3);
        mine.Mix(peer, own: again);
        Assert.All(mine.Model.Values(2).ToArray(), v => Assert.True(float.IsFinite(v)));
    }

    [Fact]
    public void A_state_goes_on_bit_for_bit()
    {
        FormNode mine = Filled(1), theirs = Filled(2);
        Round(mine, theirs, 1);
        OuterOptimizerState state = ((OuterForm)mine.Form).Export()!;
        FormNode restored = new(Model, Delta);
        mine.Model.CopyTo(restored.Model);
        ((OuterForm)restored.Form).Import(new(ParameterLayoutCopy(state.Layout), state.Slow, state.Momentum));
        for (ulong round = 2; round < 6; round++)
        {
            using Snapshot peer = theirs.Publish(round);
            foreach (FormNode node in (FormNode[])[mine, restored])
            {
                Train(node, (int)round);
                using Snapshot own = node.Publish(round);
                node.Mix(peer, own: own);
            }

            for (int t = 0; t < 4; t++)
                Assert.Equal(mine.Model.Segment(t), restored.Model.Segment(t));
        }

        OuterOptimizerState one = ((OuterForm)mine.Form).Export()!, other = ((OuterForm)restored.Form).Export()!;
        Assert.Contains(one.Momentum[1].ToArray(), v => v != 0);
        for (int p = 0; p < 2; p++)
        {
            Assert.Equal(one.Slow[p].ToArray(), other.Slow[p].ToArray());
            Assert.Equal(one.Momentum[p].ToArray(), other.Momentum[p].ToArray());

            // What was exported has not moved with it.
            Assert.NotEqual(state.Slow[p].ToArray(), one.Slow[p].ToArray());
        }
    }

    [Fact]
    public void No_state_begins_anew_with_what_is_published_next()
    {
        FormNode mine = Filled(1), theirs = Filled(2);
        Round(mine, theirs, 1);
        ((OuterForm)mine.Form).Import(null);
        Assert.Null(((OuterForm)mine.Form).Export());
        using Snapshot own = mine.Publish(2);
        OuterOptimizerState state = ((OuterForm)mine.Form).Export()!;
        Assert.Equal(mine.Model.Values(2).ToArray(), state.Slow[1].ToArray());
        Assert.All(state.Momentum[1].ToArray(), v => Assert.Equal(0, v));
    }

    [Fact]
    public void A_state_that_does_not_fit_is_refused_with_what_is_wrong()
    {
        float[] three = new float[3], long2500 = new float[2500];
        OuterOptimizerState Of(params float[][] values) => new(Model, values.Select(v => (ReadOnlyMemory<float>)v), values.Select(v => (ReadOnlyMemory<float>)v));
        Assert.Contains("2 tensors of kind parameter, but these are 1", Assert.Throws<ArgumentException>(() => Of(three)).Message, StringComparison.Ordinal);
        Assert.Contains("3 values for long float32[5,500]", Assert.Throws<ArgumentException>(() => Of(three, three)).Message, StringComparison.Ordinal);
        FormNode mine = Filled(1);
        using (mine.Publish(1))
            Assert.Contains("not every value is finite", Assert.Throws<ArgumentException>(() => ((OuterForm)mine.Form).Import(Of([0, float.NaN, 0], long2500))).Message, StringComparison.Ordinal);
        Assert.Equal(mine.Model.Values(2).ToArray(), ((OuterForm)mine.Form).Export()!.Slow[1].ToArray());
        var other = new FormNode(new([Model.Tensors[0], Model.Tensors[2] with { Name = "other" }]), Delta);
        Assert.Contains(
            "tensor 1 is other float32[5,500] here and mean float32[70] (statistic) there",
            Assert.Throws<ArgumentException>(() => ((OuterForm)other.Form).Import(Of(three, long2500))).Message, StringComparison.Ordinal);
        Assert.Null(((OuterForm)other.Form).Export());
    }

    [Theory]
    [InlineData(ElementType.Float64, "takes parameters of float32 only, but the model has odd float64[9]")]
    [InlineData(ElementType.BFloat16, "takes parameters of float32 only, but the model has odd bfloat16[9]")]
    [InlineData(null, "steps parameters, and this model has none")]
    public void Other_parameters_than_float32_are_refused_with_the_reason(ElementType? type, string message)
    {
        var layout = new ParameterLayout(type is { } other ? [.. Model.Tensors, new("odd", [9], other, TensorKind.Parameter)] : [Model.Tensors[1]]);
        Assert.Contains(message, Assert.Throws<DpwaConfigurationException>(() => new FormNode(layout, Delta)).Message, StringComparison.Ordinal);
    }

    private static ParameterLayout ParameterLayoutCopy(ParameterLayout layout)
    {
        Assert.True(ParameterLayout.TryDecode(layout.Encode(), out ParameterLayout? copy));
        return copy!;
    }

    private static void Round(FormNode mine, FormNode theirs, ulong round)
    {
        using Snapshot peer = theirs.Publish(round);
        using Snapshot own = mine.Publish(round);
        Train(mine, (int)round + 100);
        mine.Mix(peer, own: own);
    }

    private static FormNode Filled(int seed)
    {
        var node = new FormNode(Model, Delta);
        for (int t = 0; t < 3; t++)
            CodecValues.Parameters((int)Model.Tensors[t].Elements, seed * 10 + t).CopyTo(node.Model.Values(t));
        MemoryMarshal.Write(node.Model.Segment(3), (double)seed);
        return node;
    }

    private static void Train(FormNode node, int seed)
    {
        foreach (int t in (int[])[0, 2])
        {
            Span<float> values = node.Model.Values(t);
            float[] step = CodecValues.Parameters(values.Length, seed * 10 + t);
            for (int i = 0; i < step.Length; i++)
                values[i] += step[i] * 0.1f;
        }
    }

    private static double Distance(FormNode[] nodes)
    {
        double[] mean = new double[64];
        foreach (FormNode node in nodes)
        {
            for (int c = 0; c < 64; c++)
                mean[c] += node.Model.Values()[c] / (double)nodes.Length;
        }

        return nodes.Sum(n => Enumerable.Range(0, 64).Sum(c => Math.Pow(n.Model.Values()[c] - mean[c], 2)));
    }

    private static float[] Values(Snapshot snapshot, int tensor) =>
        MemoryMarshal.Cast<byte, float>(snapshot.Piece(snapshot.Layout.Offset(tensor), snapshot.Layout.Tensors[tensor].ByteLength).Span).ToArray();

    private static double[] Decoded(Snapshot snapshot, int tensor, PayloadCodec codec)
    {
        float[] values = Values(snapshot, tensor);
        return Doubles(CodecValues.Decode(codec, CodecValues.Encode(codec, values), values.Length));
    }

    private static double[] Doubles(ReadOnlySpan<float> values) => Array.ConvertAll(values.ToArray(), v => (double)v);

    private static void Near(double[] expected, ReadOnlySpan<float> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], tolerance);
    }
}
