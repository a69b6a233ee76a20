using System.Runtime.InteropServices;
using Dpwa.Checkpoints;

namespace Dpwa.Tests.Checkpoints;

/// <summary>A worker that goes on from a checkpoint, and what is refused before anything is changed.</summary>
public sealed class WorkerCheckpointTests : IDisposable
{
    private const int Limit = 60_000;
    private static readonly DpwaOptions Alone = new() { Nodes = [new("w1", "127.0.0.1", 0)] };
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact(Timeout = Limit)]
    public async Task The_state_of_a_worker_comes_back_and_the_next_round_is_one_more()
    {
        float[] x = [1, 2, 3];
        await using (var node = new DpwaConnection("w1", Alone))
        {
            for (int i = 0; i < 5; i++)
                Step(node, x);
            Assert.Equal(new(5, 5, 1, null), node.ExportState());
            DpwaCheckpoint.Save(_scratch.Path, node, x, new Dictionary<string, string> { ["epoch"] = "2" });
        }

        float[] back = new float[3];
        await using var next = new DpwaConnection("w1", Alone);
        Assert.Equal("2", Assert.Single(DpwaCheckpoint.Load(_scratch.Path, next, back), n => n.Key == "epoch").Value);
        Assert.Equal(x, back);
        Assert.Equal(5, next.Clock);
        Step(next, back);
        Assert.Equal(new(6, 6, 1, null), next.ExportState());
    }

    [Theory(Timeout = Limit)]
    [InlineData(1e-300, 0, 1e-90)]
    [InlineData(1.0 / 3, 1L << 53, 0.125)]
    public async Task Numbers_of_a_state_are_kept_exactly(double clock, long round, double weight)
    {
        await using var node = new DpwaConnection("w1", Alone);
        node.ImportState(new(clock, round, weight, null));
        DpwaCheckpoint.Save(_scratch.Path, node, new float[1]);
        await using var next = new DpwaConnection("w1", Alone);
        DpwaCheckpoint.Load(_scratch.Path, next, new float[1]);
        Assert.Equal(new(clock, round, weight, null), next.ExportState());
    }

    [Fact(Timeout = Limit)]
    public async Task The_weight_of_a_push_sum_begins_as_1_of_N_and_is_given_back_as_it_was()
    {
        DpwaOptions options = Alone with { Exchange = ExchangeKind.PushSum, Nodes = [new("w1", "127.0.0.1", 0), new("w2", "127.0.0.1", 0), new("w3", "127.0.0.1", 0), new("w4", "127.0.0.1", 0)] };
        await using var node = new DpwaConnection("w1", options);
        Assert.Equal(0.25, node.ExportState().Weight);
        node.ImportState(new(8, 8, 0.03125, null));
        Assert.Equal(0.03125, node.ExportState().Weight);
    }

    [Fact(Timeout = Limit)]
    public async Task An_outer_optimizer_goes_on_with_what_it_remembers()
    {
        DpwaOptions options = Alone with { Apply = ApplyForm.Delta, Outer = new() };
        float[] x = [1, 2, 3];
        OuterOptimizerState before;
        await using (var node = new DpwaConnection("w1", options))
        {
            Step(node, x);
            Step(node, x);
            before = node.ExportState().Outer!;
            DpwaCheckpoint.Save(_scratch.Path, node, x);
        }

        Assert.Equal([1f, 2, 3], before.Slow[0].ToArray());
        await using (var plain = new DpwaConnection("w1", Alone))
            Assert.Contains("set 'outer'", Refusal(() => DpwaCheckpoint.Load(_scratch.Path, plain, new float[3])), StringComparison.Ordinal);
        await using var next = new DpwaConnection("w1", options);
        float[] back = new float[3];
        DpwaCheckpoint.Load(_scratch.Path, next, back);
        Assert.Equal(x, back);
        Assert.Equal(before.Slow[0].ToArray(), next.ExportState().Outer!.Slow[0].ToArray());
        Assert.Equal(before.Momentum[0].ToArray(), next.ExportState().Outer!.Momentum[0].ToArray());

        // It is the node's own: what the export gives can be kept.
        OuterOptimizerState kept = next.ExportState().Outer!;
        Step(next, back);
        Assert.Equal(before.Slow[0].ToArray(), kept.Slow[0].ToArray());
    }

    [Theory(Timeout = Limit)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_outer_optimizer_is_refused_before_anything_is_changed_in_whatever_order_the_parts_are(bool isDamaged)
    {
        DpwaOptions options = Alone with { Apply = ApplyForm.Delta, Outer = new() };
        float[] x = [1, 2, 3], back = new float[3];
        await using var next = new DpwaConnection("w1", options);
        await using (var node = new DpwaConnection("w1", options))
        {
            Step(node, x);
            if (isDamaged)
                MemoryMarshal.AsMemory(node.ReadState(copy: false).Outer!.Momentum[0]).Span[1] = float.NaN;
            DpwaCheckpoint.Save(_scratch.Path, [new FlatPart(x), new WorkerPart(node)]);
        }

        void Load() => DpwaCheckpoint.Load(_scratch.Path, [new FlatPart(back), new WorkerPart(next)]);
        if (isDamaged)
            Assert.Contains("not finite", Refusal(Load), StringComparison.Ordinal);
        else
            Load();
        Assert.Equal(isDamaged ? [0, 0, 0] : x, back);
        Assert.Equal(isDamaged ? 0 : 1, next.Clock);
        Assert.Equal(isDamaged, next.ExportState().Outer is null);
    }

    [Fact]
    public void A_name_cannot_steer_the_terminal_or_fill_it()
    {
        using (var writer = new CheckpointWriter(_scratch.Path, [new("\e[31m" + new string('x', 100_000), StoredType.U8, [0])], Scratch.NoFacts))
            writer.Commit();
        string refusal = Refusal(() => DpwaCheckpoint.Load(_scratch.Path, []));
        Assert.Contains(" [31mxxx", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain(refusal, char.IsControl);
        Assert.InRange(refusal.Length, 400, 1000);
    }

    [Fact(Timeout = Limit)]
    public async Task A_parameter_set_is_loaded_in_place_in_its_own_types()
    {
        var model = new Model(1);
        await using (var node = new DpwaConnection("w1", Alone, model))
        {
            node.UpdateSend(1);
            node.UpdateWait(1);
            DpwaCheckpoint.Save(_scratch.Path, node);
        }

        var other = new Model(2);
        await using var next = new DpwaConnection("w1", Alone, other);
        DpwaCheckpoint.Load(_scratch.Path, next);
        Assert.Equal(model.Bytes, other.Bytes);
        Assert.Equal((1, 1), (other.Loads, other.Stores));
        Assert.Equal(1, next.Clock);
    }

    [Fact(Timeout = Limit)]
    public async Task A_worker_that_has_begun_takes_no_state()
    {
        await using var node = new DpwaConnection("w1", Alone);
        DpwaCheckpoint.Save(_scratch.Path, node, new float[] { 9 });
        float[] x = [1];
        Step(node, x);
        Assert.Contains("before its first UpdateSend", Assert.Throws<InvalidOperationException>(() => node.ImportState(new(1, 1, 1, null))).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => DpwaCheckpoint.Load(_scratch.Path, node, x));
        Assert.Equal([0.9f], x);
        Assert.Equal(new(1, 1, 1, null), node.ExportState());
    }

    [Theory(Timeout = Limit)]
    [InlineData(double.NaN, 0, 1)]
    [InlineData(-1, 0, 1)]
    [InlineData(1, -1, 1)]
    [InlineData(1, 0, 0)]
    [InlineData(1, 0, double.PositiveInfinity)]
    public async Task An_impossible_state_is_refused(double clock, long round, double weight)
    {
        await using var node = new DpwaConnection("w1", Alone);
        Assert.Throws<ArgumentException>(() => node.ImportState(new(clock, round, weight, null)));
        Assert.Equal(new(0, 0, 1, null), node.ExportState());
    }

    [Fact(Timeout = Limit)]
    public async Task What_does_not_fit_is_named_all_at_once_and_nothing_is_changed()
    {
        await using var node = new DpwaConnection("w1", Alone);
        DpwaCheckpoint.Save(_scratch.Path, [new WorkerPart(node), new ParameterSetPart(new Model(1)), new FlatPart(new float[2])]);
        float[] x = [1, 2, 3];
        string refusal = Refusal(() => DpwaCheckpoint.Load(_scratch.Path, [new WorkerPart(node), new FlatPart(x), new Missing()]));
        foreach (string part in new[] { "'parameters' is F32[2] and should be F32[3]", "no tensor 'missing', which should be I64[1]", "nothing here is loaded from: half F16[4]", "double F64[1,2]", "Nothing was changed" })
            Assert.Contains(part, refusal, StringComparison.Ordinal);
        Assert.Equal([1f, 2, 3], x);
        Assert.Contains("load it without the worker", Refusal(() =>
        {
            DpwaCheckpoint.Save(_scratch.Path, [new FlatPart(x)]);
            DpwaCheckpoint.Load(_scratch.Path, node, x);
        }), StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task Damage_at_any_byte_changes_nothing()
    {
        float[] x = [1, 2, 3];
        await using var node = new DpwaConnection("w1", Alone);
        DpwaCheckpoint.Save(_scratch.Path, node, new float[] { 4, 5, 6 });
        byte[] whole = File.ReadAllBytes(_scratch.Path);
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x20;
            File.WriteAllBytes(_scratch.Path, damaged);
            Refusal(() => DpwaCheckpoint.Load(_scratch.Path, node, x));
        }

        Assert.Equal([1f, 2, 3], x);
        Assert.Equal(new(0, 0, 1, null), node.ExportState());
        File.WriteAllBytes(_scratch.Path, whole);
        DpwaCheckpoint.Load(_scratch.Path, node, x);
        Assert.Equal([4f, 5, 6], x);
    }

    [Fact(Timeout = Limit)]
    public async Task Names_of_the_library_are_its_own()
    {
        await using var node = new DpwaConnection("w1", Alone);
        Assert.Throws<ArgumentException>(() => DpwaCheckpoint.Save(_scratch.Path, node, new float[1], new Dictionary<string, string> { ["dpwa.clock"] = "7" }));
        Assert.Throws<InvalidOperationException>(() => DpwaCheckpoint.Save(_scratch.Path, node));
        Assert.Throws<ArgumentException>(() => DpwaCheckpoint.Save(_scratch.Path, [new FlatPart(new float[1]), new FlatPart(new float[1])]));
        Assert.Empty(Directory.GetFiles(_scratch.Folder));
    }

    [Fact]
    public void A_part_that_writes_other_tensors_than_it_has_named_is_not_saved()
    {
        var error = Assert.Throws<InvalidOperationException>(() => DpwaCheckpoint.Save(_scratch.Path, [new Shifted()]));
        Assert.Equal("Tensor a U8[2] has 2 bytes, and 3 were written.", error.Message);
        Assert.Empty(Directory.GetFiles(_scratch.Folder));
    }

    private static void Step(DpwaConnection node, float[] x)
    {
        node.UpdateSend(x, 1);
        for (int i = 0; i < x.Length; i++)
            x[i] *= 0.9f;
        node.UpdateWait(x, 1);
    }

    private string Refusal(Action load)
    {
        var error = Assert.Throws<DpwaCheckpointException>(load);
        Assert.Contains($"'{_scratch.Path}'", error.Message, StringComparison.Ordinal);
        return error.Message;
    }

    /// <summary>Something that no file has.</summary>
    private sealed class Missing : CheckpointPart
    {
        public override IEnumerable<StoredTensor> Tensors() => [new("missing", StoredType.I64, [1])];

        public override void Write(string name, CheckpointWriter file) => file.Write(new byte[8]);

        public override void Check(CheckpointReader file) => file.Expect(Tensors().Single());

        public override void Read(CheckpointReader file) => throw new InvalidOperationException("it was refused");
    }

    /// <summary>Writes a byte of the second tensor with the first: together as many as there should be.</summary>
    private sealed class Shifted : CheckpointPart
    {
        public override IEnumerable<StoredTensor> Tensors() => [new("a", StoredType.U8, [2]), new("b", StoredType.U8, [2])];

        public override void Write(string name, CheckpointWriter file) => file.Write(new byte[name == "a" ? 3 : 1]);

        public override void Check(CheckpointReader file) => throw new InvalidOperationException("it is not saved");

        public override void Read(CheckpointReader file) => throw new InvalidOperationException("it is not saved");
    }

    /// <summary>Tensors of several types, the smaller elements first.</summary>
    private sealed class Model : IParameterSet
    {
        private readonly byte[][] _values;

        public Model(byte seed)
        {
            _values = [.. Layout.Tensors.Select(t => new byte[t.ByteLength])];
            foreach (byte[] value in _values)
                Array.Fill(value, seed);
        }

        public ParameterLayout Layout { get; } = new([
            new("half", [4], ElementType.Float16, TensorKind.Parameter),
            new("bfloat", [3], ElementType.BFloat16, TensorKind.Statistic),
            new("float", [], ElementType.Float32, TensorKind.Parameter),
            new("double", [1, 2], ElementType.Float64, TensorKind.Parameter)]);

        public byte[] Bytes => [.. _values.SelectMany(v => v)];

        public int Loads { get; private set; }

        public int Stores { get; private set; }

        public Span<byte> Segment(int index) => _values[index];

        public void Load() => Loads++;

        public void Store() => Stores++;
    }
}
