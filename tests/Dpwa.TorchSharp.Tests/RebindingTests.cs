using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Tests;

public sealed class RebindingTests
{
    [Fact]
    public void Replaced_tensors_of_the_same_layout_are_bound_again()
    {
        using var net = nn.Linear(2, 2);
        using var set = new ModuleParameterSet(net);
        set.Load();
        Parameter old = net.weight!;
        net.weight = new Parameter(full([2, 2], 5f));
        Assert.True(old.IsInvalid);

        set.Load();
        Assert.Equal([5f, 5, 5, 5], set.Floats(0).ToArray());
        set.Floats(0).Fill(6);
        Assert.Equal(6f, net.weight![0, 0].item<float>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_model_that_went_to_another_type_and_back_is_bound_again(bool stageAll)
    {
        using var net = Nets.Convolutional().Filled(1);
        using var set = new ModuleParameterSet(net, options: null, stageAll);
        net.to(ScalarType.Float64);
        net.to(ScalarType.Float32);
        net.Filled(3);
        set.Load();
        Assert.Equal(3f, set.Floats(0)[0]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_model_of_another_type_is_refused_with_what_to_do(bool stageAll)
    {
        using var net = Nets.Convolutional();
        using var set = new ModuleParameterSet(net, options: null, stageAll);
        net.half();
        var error = Assert.Throws<InvalidOperationException>(set.Load);
        Assert.Contains("tensor 0 was conv.weight float32[4,3,3,3] and is conv.weight float16[4,3,3,3]", error.Message, StringComparison.Ordinal);
        Assert.Contains("make the adapter after", error.Message, StringComparison.Ordinal);

        // And it recovers when the model does.
        net.to(ScalarType.Float32);
        set.Load();
    }

    [Fact]
    public void A_tensor_that_is_no_longer_in_row_major_order_is_staged_from_then_on()
    {
        using var net = new Bag(("w", new Parameter(arange(6, dtype: ScalarType.Float32).view(2, 3), requires_grad: false)));
        using var set = new ModuleParameterSet(net);
        using Tensor rows = zeros(3, 2);
        net.parameters().First().set_(rows.t());
        set.Load();
        Assert.True(set.IsStaged);
    }

    [Fact]
    public void Memory_that_moved_under_the_same_tensor_is_followed()
    {
        using var net = new Bag(("w", new Parameter(zeros(3), requires_grad: false)));
        using var set = new ModuleParameterSet(net);
        using Tensor other = full(3, 8f);
        net.parameters().First().set_(other);
        set.Load();
        Assert.Equal([8f, 8, 8], set.Floats(0).ToArray());
    }

    [Fact]
    public void What_was_frozen_at_first_stays_left_out()
    {
        Linear first = nn.Linear(2, 2);
        using var net = nn.Sequential(("a", first), ("b", nn.Linear(2, 2)));
        foreach (Parameter parameter in first.parameters())
            parameter.requires_grad = false;
        using var set = new ModuleParameterSet(net, new DpwaTorchOptions { FrozenParameters = FrozenParameters.Exclude });
        Assert.Equal(["b.weight", "b.bias"], set.Names());

        foreach (Parameter parameter in first.parameters())
            parameter.requires_grad = true;
        net.to(ScalarType.Float64);
        net.to(ScalarType.Float32);
        set.Load();
        Assert.Equal(["b.weight", "b.bias"], set.Names());
    }

    [Fact]
    public void Made_inside_a_dispose_scope_it_outlives_the_scope()
    {
        using var net = Nets.Convolutional().Filled(4);
        ModuleParameterSet set;
        using (NewDisposeScope())
            set = new ModuleParameterSet(net, options: null, stageAll: true);
        using (set)
        {
            using (NewDisposeScope())
            {
                net.to(ScalarType.Float64);
                net.to(ScalarType.Float32);
                foreach (Tensor tensor in net.parameters().Concat(net.buffers()))
                    tensor.DetachFromDisposeScope();
                set.Load();
            }

            set.Load();
            Assert.Equal(4f, set.Floats(0)[0]);
            set.Store();
        }
    }

    [Fact]
    public void After_disposal_every_use_is_refused()
    {
        using var net = nn.Linear(2, 2);
        var set = new ModuleParameterSet(net);
        set.Dispose();
        Assert.Throws<ObjectDisposedException>(set.Load);
        Assert.Throws<ObjectDisposedException>(() => _ = set.Segment(0).Length);
        Assert.False(net.weight!.IsInvalid);
    }
}
