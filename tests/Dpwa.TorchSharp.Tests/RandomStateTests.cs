using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Tests;

/// <summary>Alone, since torch has one generator for the whole process.</summary>
[CollectionDefinition(nameof(RandomStateTests), DisableParallelization = true)]
[Collection(nameof(RandomStateTests))]
public sealed class RandomStateTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_draws_from_a_random_state(bool stageAll)
    {
        using var net = Nets.Convolutional();
        _ = random.manual_seed(42);
        using Tensor expected = rand(4);
        _ = random.manual_seed(42);
        using (var set = new ModuleParameterSet(net, options: null, stageAll))
        {
            set.Load();
            set.Store();
        }

        using Tensor actual = rand(4);
        Assert.Equal(expected.data<float>().ToArray(), actual.data<float>().ToArray());
    }
}
