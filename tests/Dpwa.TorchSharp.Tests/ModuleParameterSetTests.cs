using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Tests;

public sealed class ModuleParameterSetTests
{
    [Fact]
    public void Parameters_and_floating_point_buffers_take_part_and_counters_do_not()
    {
        using var net = Nets.Convolutional();
        using var set = new ModuleParameterSet(net);

        Assert.Equal(
            ["conv.weight float32[4,3,3,3]", "conv.bias float32[4]", "bn.weight float32[4]", "bn.bias float32[4]", "fc.weight float32[2,16]", "fc.bias float32[2]",
                "bn.running_mean float32[4] (statistic)", "bn.running_var float32[4] (statistic)"],
            set.Layout.Tensors.Select(t => t.ToString()));
        Assert.Equal(["bn.running_mean", "bn.running_var"], set.Layout.Tensors.Where(t => t.Kind == TensorKind.Statistic).Select(t => t.Name));
        Assert.False(set.IsStaged);
    }

    [Fact]
    public void A_contiguous_tensor_is_read_and_written_in_place()
    {
        using var net = Nets.Convolutional().Filled(2);
        using var set = new ModuleParameterSet(net);
        set.Load();
        Assert.All(set.Floats(0).ToArray(), v => Assert.Equal(2f, v));

        set.Floats(0).Fill(7);
        Assert.Equal(7f, net.parameters().First()[0, 0, 0, 0].item<float>());

        // And the other way, without another Load: it is the same memory.
        using (no_grad())
            net.parameters().First().fill_(9);
        Assert.Equal(9f, set.Floats(0)[^1]);
    }

    [Theory]
    [InlineData(ScalarType.Float32, ElementType.Float32, 4)]
    [InlineData(ScalarType.Float64, ElementType.Float64, 8)]
    [InlineData(ScalarType.Float16, ElementType.Float16, 2)]
    [InlineData(ScalarType.BFloat16, ElementType.BFloat16, 2)]
    public void Each_tensor_keeps_its_element_type(ScalarType torchType, ElementType type, int size)
    {
        using var net = new Bag(("w", new Parameter(full(3, 1.5, dtype: torchType))), ("s", new Parameter(full(2, 3f))));
        using var set = new ModuleParameterSet(net);
        set.Load();
        Assert.Equal([type, ElementType.Float32], set.Layout.Tensors.Select(t => t.Type));
        Assert.Equal(3 * size, set.Segment(0).Length);
        double value = type switch
        {
            ElementType.Float32 => BitConverter.ToSingle(set.Segment(0)),
            ElementType.Float64 => BitConverter.ToDouble(set.Segment(0)),
            ElementType.Float16 => (double)BitConverter.ToHalf(set.Segment(0)),
            _ => BitConverter.Int32BitsToSingle(BitConverter.ToUInt16(set.Segment(0)) << 16),
        };
        Assert.Equal(1.5, value);
    }

    [Fact]
    public void Tied_weights_are_mixed_once()
    {
        Parameter shared = new(ones(2, 2));
        using var alias = new Parameter(shared.detach());
        using var net = new Bag(("a", shared), ("b", alias), ("c", new Parameter(ones(2, 2))));
        using var set = new ModuleParameterSet(net);
        Assert.Equal(["a", "c"], set.Names());
    }

    [Fact]
    public void A_view_is_mixed_with_the_tensor_that_holds_it()
    {
        Parameter whole = new(ones(4, 3));
        using var net = new Bag(("row", new Parameter(whole.detach()[1])), ("whole", whole), ("column", new Parameter(whole.detach().narrow(1, 1, 1))));
        using var set = new ModuleParameterSet(net);
        Assert.Equal(["whole"], set.Names());
    }

    [Fact]
    public void Parts_of_one_storage_that_do_not_overlap_are_all_mixed()
    {
        Tensor flat = arange(6, dtype: ScalarType.Float32);
        using var net = new Bag(("a", new Parameter(flat.narrow(0, 0, 2))), ("b", new Parameter(flat.narrow(0, 2, 4).view(2, 2))));
        using var set = new ModuleParameterSet(net);
        set.Load();
        Assert.Equal(["a", "b"], set.Names());
        Assert.Equal([2f, 3, 4, 5], set.Floats(1).ToArray());
    }

    [Fact]
    public void Tensors_that_overlap_in_part_are_refused()
    {
        Tensor flat = arange(6, dtype: ScalarType.Float32);
        using var net = new Bag(("a", new Parameter(flat.narrow(0, 0, 4))), ("b", new Parameter(flat.narrow(0, 2, 4))));
        var error = Assert.Throws<ArgumentException>(() => new ModuleParameterSet(net));
        Assert.Contains("'a' and 'b' share a part", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_exchanged_is_refused_by_name()
    {
        using var complex = new Bag(("z", new Parameter(zeros(2, dtype: ScalarType.ComplexFloat32))));
        Assert.Contains("'z' has elements of type ComplexFloat32", Assert.Throws<ArgumentException>(() => new ModuleParameterSet(complex)).Message, StringComparison.Ordinal);

        using var expanded = new Bag(("e", zeros(1).expand(3)));
        Assert.Contains("'e' is expanded", Assert.Throws<ArgumentException>(() => new ModuleParameterSet(expanded)).Message, StringComparison.Ordinal);

        using var meta = new Bag(("m", new Parameter(empty(2, device: META))));
        Assert.Contains("'m' has no values", Assert.Throws<ArgumentException>(() => new ModuleParameterSet(meta)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_tensors_and_scalars_are_handled()
    {
        using var net = new Bag(("empty", new Parameter(zeros(0, 3))), ("scalar", new Parameter(tensor(4f))));
        using var set = new ModuleParameterSet(net);
        set.Load();
        Assert.Equal("scalar float32[]", Assert.Single(set.Layout.Tensors).ToString());
        Assert.Equal(4f, set.Floats(0)[0]);
    }

    [Fact]
    public void A_model_without_anything_to_exchange_is_refused()
    {
        using var net = nn.Sequential(("relu", nn.ReLU()));
        Assert.Throws<DpwaConfigurationException>(() => new ModuleParameterSet(net));
    }

    [Fact]
    public void A_larger_tensor_than_one_message_carries_is_given_in_pieces()
    {
        Assert.SkipUnless(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes > 8L << 30, "Needs memory for a tensor beyond 2 GiB.");

        // Untouched pages of it take no memory.
        long elements = (2L << 30) + 10;
        using var net = new Bag(("big", new Parameter(empty(elements, dtype: ScalarType.BFloat16))), ("small", new Parameter(ones(2))));
        using var set = new ModuleParameterSet(net);
        set.Load();
        Assert.Equal(["big[0]", "big[1]", "big[2]", "big[3]", "big[4]", "small"], set.Names());
        set.Segment(4)[..2].Fill(0x40);
        using Tensor last = net.parameters().First()[elements - 10];
        Assert.Equal(3f, last.to(ScalarType.Float32).item<float>());
        Assert.Equal(20, set.Segment(4).Length);
    }

    [Fact]
    public void Once_bound_a_round_allocates_nothing()
    {
        using var net = Nets.Convolutional();
        using var set = new ModuleParameterSet(net);
        long Round()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                set.Load();
                for (int s = 0; s < set.Layout.Tensors.Length; s++)
                    set.Segment(s)[0] ^= 1;
                set.Store();
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Round();
        Assert.Equal(0, Round());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradients_optimizer_state_and_tensor_objects_survive(bool stageAll)
    {
        using var net = nn.Linear(3, 1);
        using var optimizer = optim.SGD(net.parameters(), 0.1, momentum: 0.9);
        using Tensor input = ones(2, 3);
        Parameter weight = net.weight!;
        void Step()
        {
            optimizer.zero_grad();
            using Tensor loss = net.forward(input).sum();
            loss.backward();
            optimizer.step();
        }

        Step();
        using var set = new ModuleParameterSet(net, options: null, stageAll);
        set.Load();
        set.Floats(0).Fill(1);
        set.Store();

        Assert.Same(weight, net.weight);
        Assert.True(weight.requires_grad && weight.is_leaf);
        Assert.Equal([2f, 2, 2], weight.grad!.data<float>().ToArray());
        Step();

        // The step is 0.1 · (momentum 0.9 · 2 + gradient 2), from the value that was mixed in.
        Assert.All(weight.data<float>().ToArray(), v => Assert.Equal(1 - 0.38f, v, 1e-6f));
    }
}
