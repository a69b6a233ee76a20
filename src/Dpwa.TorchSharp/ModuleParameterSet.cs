using Dpwa.TorchSharp.Binding;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp;

/// <summary>
/// The live parameters and statistics of a TorchSharp module as a parameter set. Contiguous tensors in host memory are read and mixed in place; others
/// (on a device, or not in row-major order) through one reused host buffer. Gradients, optimizer state and the random
/// number generators are not touched, and no tensor object of the module is replaced.
/// </summary>
/// <remarks>
/// Not thread-safe, like the module. Mixing writes memory without autograd's knowledge, so it belongs between an optimizer's step and the next
/// forward pass, where <c>UpdateWait</c> stands; between forward and backward it would make gradients of other weights than were used.
/// </remarks>
public sealed class ModuleParameterSet : IParameterSet, IDisposable
{
    private readonly TensorSelection _selection;
    private readonly bool _stageAll;
    private ModuleBinding _binding;
    private bool _disposed;

    /// <summary>Binds the parameters and floating-point buffers of <paramref name="net"/>.</summary>
    /// <param name="net">The model. It stays the caller's, and must outlive this.</param>
    /// <param name="options">Which tensors take part; null: all.</param>
    /// <exception cref="DpwaConfigurationException">A filter matches no tensor, or the filters leave none.</exception>
    /// <exception cref="ArgumentException">A tensor cannot be exchanged (complex, sparse, without memory, overlapping another).</exception>
    public ModuleParameterSet(nn.Module net, DpwaTorchOptions? options = null)
        : this(net, options, stageAll: false)
    {
    }

    internal ModuleParameterSet(nn.Module net, DpwaTorchOptions? options, bool stageAll)
    {
        ArgumentNullException.ThrowIfNull(net);
        _selection = new TensorSelection(net, options ?? new DpwaTorchOptions());
        _stageAll = stageAll;
        _binding = new ModuleBinding(_selection.Select(), stageAll);
    }

    /// <inheritdoc/>
    public ParameterLayout Layout => _binding.Layout;

    /// <summary>Whether any tensor is mixed in a copy rather than in its own memory.</summary>
    public bool IsStaged => _binding.IsStaged;

    /// <inheritdoc/>
    public Span<byte> Segment(int index)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _binding.Bytes(index);
    }

    /// <summary>Looks up where the tensors are, binds again those that <c>net.to(...)</c> replaced, and copies what is staged to the host.</summary>
    /// <exception cref="InvalidOperationException">The model has another layout than when it was bound.</exception>
    public void Load()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_binding.TryRefresh())
            Rebind();
        _binding.ToHost();
    }

    /// <summary>Copies what is staged back to the module.</summary>
    public void Store()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _binding.FromHost();
    }

    /// <summary>Releases the host buffer. The module stays as it is.</summary>
    public void Dispose()
    {
        _disposed = true;
        _binding.Dispose();
    }

    private void Rebind()
    {
        var binding = new ModuleBinding(_selection.Select(), _stageAll);
        if (Change(Layout, binding.Layout) is { } change)
        {
            binding.Dispose();
            throw new InvalidOperationException(
                $"The model changed since it was bound: {change}. Peers hold the model as it was, so make the adapter after the last change of the model's types and "
                + "shapes (net.half(), net.to(type), new layers); moving it to another device is fine at any time.");
        }

        _binding.Dispose();
        _binding = binding;
    }

    private static string? Change(ParameterLayout before, ParameterLayout now)
    {
        for (int i = 0; i < Math.Min(before.Tensors.Length, now.Tensors.Length); i++)
        {
            if (!before.Tensors[i].Equals(now.Tensors[i]))
                return $"tensor {i} was {before.Tensors[i]} and is {now.Tensors[i]}";
        }

        return before.Tensors.Length == now.Tensors.Length ? null : $"it had {before.Tensors.Length} tensors and has {now.Tensors.Length}";
    }
}
