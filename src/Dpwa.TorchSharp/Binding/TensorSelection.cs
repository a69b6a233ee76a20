using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Binding;

/// <summary>A tensor of the model that takes part.</summary>
internal sealed record SelectedTensor(string Name, Tensor Tensor, TensorKind Kind)
{
    /// <summary>What the layout says of it, before it is split.</summary>
    public TensorInfo Info => new(Name, [.. Tensor.shape], TensorTypes.ElementTypeOf(Tensor.dtype) ?? throw new InvalidOperationException(), Kind);
}

/// <summary>Chooses the tensors of a module: each memory once, in the order of <c>named_parameters()</c> and then <c>named_buffers()</c>.</summary>
internal sealed class TensorSelection
{
    private readonly nn.Module _module;
    private readonly NameFilter _filter;
    private readonly HashSet<string> _frozen = new(StringComparer.Ordinal);

    /// <summary>A choice by these options; what is frozen is judged now, so that binding again later chooses the same.</summary>
    /// <exception cref="DpwaConfigurationException">A filter matches nothing, or nothing is left.</exception>
    public TensorSelection(nn.Module module, DpwaTorchOptions options)
    {
        _module = module;
        _filter = new NameFilter(options);
        if (options.FrozenParameters == FrozenParameters.Exclude)
            _frozen.UnionWith(module.named_parameters().Where(p => !p.parameter.requires_grad).Select(p => p.name));
        _filter.ThrowIfUseless([.. Candidates().Select(c => c.Name)]);
    }

    /// <summary>The tensors as the module holds them now.</summary>
    /// <exception cref="ArgumentException">A tensor is of a kind that cannot be exchanged, or two overlap in part.</exception>
    public IReadOnlyList<SelectedTensor> Select()
    {
        List<SelectedTensor> selected = [.. Candidates().Where(c => _filter.Accepts(c.Name))];
        foreach (SelectedTensor tensor in selected)
            ThrowIfUnusable(tensor);
        return SharedMemory.WithoutRepeats(selected);
    }

    /// <summary>Everything that could take part: not integers and Booleans (counters, masks), and not what is empty. Buffers that are not
    /// part of the state (non-persistent) are made by the model itself and are no statistics.</summary>
    private IEnumerable<SelectedTensor> Candidates()
    {
        foreach ((string name, Parameter parameter) in _module.named_parameters())
        {
            if (IsCandidate(parameter) && !_frozen.Contains(name))
                yield return new(name, parameter, TensorKind.Parameter);
        }

        foreach ((string name, Tensor buffer) in _module.named_buffers(recurse: true, include_nonpersistent: false))
        {
            if (IsCandidate(buffer))
                yield return new(name, buffer, TensorKind.Statistic);
        }
    }

    private static bool IsCandidate(Tensor tensor) => !TensorTypes.IsCounting(tensor.dtype) && tensor.NumberOfElements != 0;

    private static void ThrowIfUnusable(SelectedTensor selected)
    {
        Tensor tensor = selected.Tensor;
        string? problem = null;
        if (TensorTypes.ElementTypeOf(tensor.dtype) is null)
            problem = $"has elements of type {tensor.dtype}, which are not exchanged";
        else if (tensor.is_sparse)
            problem = "is sparse";
        else if (tensor.device_type == DeviceType.META)
            problem = "has no values (it is on the meta device)";
        else if (tensor.shape.Zip(tensor.stride()).Any(d => d.First > 1 && d.Second == 0))
            problem = "is expanded: several of its elements are one place in memory";
        if (problem is not null)
            throw new ArgumentException($"Tensor '{selected.Name}' {problem}. Change it, or leave it out with {nameof(DpwaTorchOptions)}.{nameof(DpwaTorchOptions.Exclude)}.");
    }
}
