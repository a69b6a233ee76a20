using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dpwa.Examples.CharGpt.Model;

/// <summary>The mean of several models: what averaging works towards.</summary>
public static class ModelMean
{
    /// <summary>Sets each parameter of <paramref name="target"/> to the mean of those of <paramref name="models"/>, which are of its shape; at least one.</summary>
    public static void Store(IReadOnlyList<Gpt> models, Gpt target)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(target);
        using var noGradients = no_grad();
        foreach ((string name, Parameter parameter) in target.named_parameters())
        {
            using Tensor mean = stack(models.Select(m => (Tensor)m.get_parameter(name)!)).mean([0]);
            parameter.copy_(mean);
        }
    }
}
