using Dpwa.Checkpoints;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Checkpoints;

/// <summary>All of a module's state, parameters and buffers, under the names of its <c>state_dict()</c> and in their own types. It is loaded in place.</summary>
internal sealed class ModulePart : CheckpointPart
{
    private readonly Dictionary<string, Tensor> _tensors;

    private readonly bool _alone;

    /// <summary>The state of a module.</summary>
    /// <param name="net">The module.</param>
    /// <param name="alone">Whether what the library has saved beside it may stay in the file.</param>
    public ModulePart(nn.Module net, bool alone = false)
    {
        ArgumentNullException.ThrowIfNull(net);
        _alone = alone;
        _tensors = net.state_dict();
        if (_tensors.Keys.FirstOrDefault(n => n.StartsWith(Reserved, StringComparison.Ordinal)) is { } name)
            throw new ArgumentException($"The model has a tensor '{name}'; in a checkpoint names that begin with '{Reserved}' are the library's. Rename the module.", nameof(net));
    }

    public override IEnumerable<StoredTensor> Tensors() => _tensors.Select(t => TensorTransfer.Describe(t.Key, t.Value));

    public override void Write(string name, CheckpointWriter file) => TensorTransfer.Write(_tensors[name], file);

    public override void Check(CheckpointReader file)
    {
        foreach (StoredTensor tensor in Tensors())
            file.Expect(tensor);
        foreach (StoredTensor tensor in file.Tensors.Where(t => _alone && t.Name.StartsWith(Reserved, StringComparison.Ordinal)))
            file.Expect(tensor);
    }

    public override void Read(CheckpointReader file)
    {
        foreach ((string name, Tensor tensor) in _tensors)
            TensorTransfer.Read(file, name, tensor);
    }
}
