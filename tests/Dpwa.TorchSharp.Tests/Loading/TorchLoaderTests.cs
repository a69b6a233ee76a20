using TorchSharp;

namespace Dpwa.TorchSharp.Tests.Loading;

public sealed class TorchLoaderTests
{
    [Fact]
    public void The_targets_compile_an_initialiser_into_this_program() =>
        Assert.NotNull(typeof(TorchLoaderTests).Assembly.GetType("Dpwa.TorchSharp.Generated.DpwaTorchLoader"));

    [Fact]
    public void Installing_again_is_harmless()
    {
        TorchLoader.Install();
        TorchLoader.Install();
        using torch.Tensor sum = torch.ones(3).sum();
        Assert.Equal(3f, sum.item<float>());
    }
}
