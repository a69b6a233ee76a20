using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Tests;

public sealed class FilterTests
{
    [Fact]
    public void Include_takes_only_what_matches_and_exclude_wins()
    {
        using var net = Nets.Convolutional();
        using var set = new ModuleParameterSet(net, new DpwaTorchOptions { Include = ["bn.*", "f?.weight"], Exclude = ["*.running_*"] });
        Assert.Equal(["bn.weight", "bn.bias", "fc.weight"], set.Names());
    }

    [Fact]
    public void A_dot_is_a_dot_and_case_counts()
    {
        using var net = Nets.Convolutional();
        Assert.Throws<DpwaConfigurationException>(() => new ModuleParameterSet(net, new DpwaTorchOptions { Include = ["fcxweight"] }));
        Assert.Throws<DpwaConfigurationException>(() => new ModuleParameterSet(net, new DpwaTorchOptions { Include = ["FC.weight"] }));
    }

    [Fact]
    public void Every_filter_that_matches_nothing_is_reported_with_the_names_there_are()
    {
        using var net = Nets.Convolutional();
        var error = Assert.Throws<DpwaConfigurationException>(
            () => new ModuleParameterSet(net, new DpwaTorchOptions { Include = ["layer1.*", "conv.*"], Exclude = ["*.num_batches_tracked"] }));
        Assert.Equal(2, error.Errors.Count);
        Assert.StartsWith("Include 'layer1.*' matches no tensor of the model. It has: conv.weight, conv.bias,", error.Errors[0].Message, StringComparison.Ordinal);
        Assert.StartsWith("Exclude '*.num_batches_tracked' matches no tensor", error.Errors[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Filters_that_leave_nothing_are_refused()
    {
        using var net = Nets.Convolutional();
        var error = Assert.Throws<DpwaConfigurationException>(() => new ModuleParameterSet(net, new DpwaTorchOptions { Exclude = ["*"] }));
        Assert.Contains("leave no tensor", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Frozen_parameters_take_part_unless_excluded()
    {
        using var net = new Bag(("frozen", new Parameter(ones(2), requires_grad: false)), ("trained", new Parameter(ones(2))), ("statistic", ones(2)));
        using var all = new ModuleParameterSet(net);
        Assert.Equal(["frozen", "trained", "statistic"], all.Names());
        using var some = new ModuleParameterSet(net, new DpwaTorchOptions { FrozenParameters = FrozenParameters.Exclude });
        Assert.Equal(["trained", "statistic"], some.Names());
    }

    [Fact]
    public void Buffers_outside_of_the_state_are_left_out()
    {
        using var net = new NonPersistent();
        using var set = new ModuleParameterSet(net);
        Assert.Equal(["weight"], set.Names());
    }

    private sealed class NonPersistent : nn.Module
    {
        public NonPersistent()
            : base(nameof(NonPersistent))
        {
            register_parameter("weight", new Parameter(ones(1)));
            register_buffer("mask", full(2, double.NegativeInfinity), persistent: false);
        }
    }
}
