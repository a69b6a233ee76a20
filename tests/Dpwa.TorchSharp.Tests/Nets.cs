using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Tests;

/// <summary>Small models with one feature each.</summary>
internal static class Nets
{
    /// <summary>Convolution, batch normalisation, linear: parameters, statistics and a counter.</summary>
    public static Sequential Convolutional() =>
        nn.Sequential(("conv", nn.Conv2d(3, 4, 3)), ("bn", nn.BatchNorm2d(4)), ("flat", nn.Flatten()), ("fc", nn.Linear(16, 2)));

    /// <summary>All parameters and floating-point buffers filled with one value.</summary>
    public static T Filled<T>(this T net, double value)
        where T : nn.Module
    {
        using (no_grad())
        {
            foreach (Tensor tensor in net.Floating())
                tensor.fill_(value);
        }

        return net;
    }

    public static IEnumerable<Tensor> Floating(this nn.Module net) =>
        net.named_parameters().Select(p => (Tensor)p.parameter).Concat(net.named_buffers().Select(b => b.buffer)).Where(t => t.is_floating_point());

    public static Span<float> Floats(this IParameterSet set, int index) => MemoryMarshal.Cast<byte, float>(set.Segment(index));

    public static int IndexOf(this IParameterSet set, string name) => set.Layout.Tensors.Select(t => t.Name).ToList().IndexOf(name);

    public static IEnumerable<string> Names(this IParameterSet set) => set.Layout.Tensors.Select(t => t.Name);
}

/// <summary>A module of the given tensors.</summary>
internal sealed class Bag : nn.Module<Tensor, Tensor>
{
    public Bag(params (string Name, Tensor Tensor)[] tensors)
        : base(nameof(Bag))
    {
        foreach ((string name, Tensor tensor) in tensors)
        {
            if (tensor is Parameter parameter)
                register_parameter(name, parameter);
            else
                register_buffer(name, tensor);
        }
    }

    public override Tensor forward(Tensor input) => input.alias();
}
