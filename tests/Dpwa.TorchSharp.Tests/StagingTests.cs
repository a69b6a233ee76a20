using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Tests;

/// <summary>The path over a host buffer: forced in host memory, and on a GPU where there is one.</summary>
public sealed class StagingTests
{
    [Fact]
    public void A_transposed_tensor_is_given_in_row_major_order_and_written_back()
    {
        using Tensor rows = arange(6, dtype: ScalarType.Float32).view(2, 3);
        using var net = new Bag(("t", new Parameter(rows.t(), requires_grad: false)), ("plain", new Parameter(ones(1))));
        using var set = new ModuleParameterSet(net);
        set.Load();
        Assert.True(set.IsStaged);
        Assert.Equal("t float32[3,2]", set.Layout.Tensors[0].ToString());
        Assert.Equal([0f, 3, 1, 4, 2, 5], set.Floats(0).ToArray());

        set.Floats(0)[1] = 30;
        set.Store();
        Assert.Equal([0f, 1, 2, 30, 4, 5], rows.data<float>().ToArray());
    }

    [Fact]
    public void A_strided_part_of_a_tensor_leaves_its_neighbours_alone()
    {
        using Tensor whole = arange(6, dtype: ScalarType.Float32).view(2, 3);
        using var net = new Bag(("column", new Parameter(whole.narrow(1, 1, 1), requires_grad: false)));
        using var set = new ModuleParameterSet(net);
        set.Load();
        Assert.Equal([1f, 4], set.Floats(0).ToArray());
        set.Floats(0).Fill(-1);
        set.Store();
        Assert.Equal([0f, -1, 2, 3, -1, 5], whole.data<float>().ToArray());
    }

    [Fact]
    public void Other_memory_orders_of_one_model_have_one_layout()
    {
        using Tensor values = arange(24, dtype: ScalarType.Float32).view(1, 2, 3, 4);
        using Tensor channelsLast = values.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        using var a = new Bag(("w", new Parameter(values.clone())));
        using var b = new Bag(("w", new Parameter(channelsLast)));
        using var plain = new ModuleParameterSet(a);
        using var strided = new ModuleParameterSet(b);
        plain.Load();
        strided.Load();
        Assert.True(strided.IsStaged);
        Assert.Equal(plain.Layout, strided.Layout);
        Assert.Equal(plain.Segment(0), strided.Segment(0));
    }

    [Fact]
    public void All_element_types_pass_the_host_buffer()
    {
        ScalarType[] types = [ScalarType.Float32, ScalarType.Float64, ScalarType.Float16, ScalarType.BFloat16];
        (string, Tensor)[] tensors = [.. types.SelectMany((t, i) => new (string, Tensor)[]
        {
            ($"a{i}", new Parameter(arange(5).to(t) + i)), ($"b{i}", (arange(7) - i).to(t)),
        })];
        using var net = new Bag(tensors);
        using var direct = new ModuleParameterSet(net);
        using var staged = new ModuleParameterSet(net, options: null, stageAll: true);
        direct.Load();
        staged.Load();
        Assert.Equal(direct.Layout, staged.Layout);
        for (int i = 0; i < direct.Layout.Tensors.Length; i++)
        {
            Assert.Equal(direct.Segment(i), staged.Segment(i));
            staged.Segment(i)[0] ^= 0x11;
            Assert.False(direct.Segment(i).SequenceEqual(staged.Segment(i)));
        }

        staged.Store();
        for (int i = 0; i < direct.Layout.Tensors.Length; i++)
            Assert.Equal(direct.Segment(i), staged.Segment(i));
    }

    [Fact]
    public void Autograd_notices_a_staged_write_between_forward_and_backward()
    {
        using var net = nn.Linear(2, 1, hasBias: false);
        using var set = new ModuleParameterSet(net, options: null, stageAll: true);
        using Tensor input = ones(1, 2, requires_grad: true);
        using Tensor loss = net.forward(input).sum();
        set.Load();
        set.Store();
        Assert.ThrowsAny<Exception>(() => loss.backward());
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void A_model_on_a_gpu_is_mixed_there(ScalarType type)
    {
        Assert.SkipUnless(cuda.is_available(), "There is no CUDA device.");
        using var net = Nets.Convolutional().to(type).Filled(2);
        using var set = new ModuleParameterSet(net);
        ParameterLayout layout = set.Layout;
        net.cuda();
        set.Load();
        Assert.True(set.IsStaged);
        Assert.Equal(layout, set.Layout);
        byte[] two = set.Segment(0).ToArray();
        net.Filled(3);
        set.Load();
        Assert.False(two.AsSpan().SequenceEqual(set.Segment(0)));
        for (int i = 0; i < layout.Tensors.Length; i++)
            two.AsSpan(0, (int)Math.Min(two.Length, layout.Tensors[i].ByteLength)).CopyTo(set.Segment(i));
        set.Store();
        Assert.All(net.Floating(), t => Assert.Equal(2f, t.flatten()[0].cpu().to(ScalarType.Float32).item<float>()));
    }
}
