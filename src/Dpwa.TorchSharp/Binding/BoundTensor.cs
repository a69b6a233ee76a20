using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Binding;

/// <summary>A tensor of the model and the host memory in which its elements are read and mixed.</summary>
internal abstract class BoundTensor(Tensor live, long byteLength) : IDisposable
{
    /// <summary>The module's own tensor.</summary>
    protected Tensor Live { get; } = live;

    /// <summary>Its length in bytes.</summary>
    protected long ByteLength { get; } = byteLength;

    /// <summary>The address of its elements in host memory, row-major; false when the module's tensor was replaced and must be bound again.</summary>
    public abstract bool TryAddress(out nint address);

    /// <summary>Brings the elements to the address.</summary>
    public virtual void ToHost()
    {
    }

    /// <summary>Brings the elements from the address back to the tensor.</summary>
    public virtual void FromHost()
    {
    }

    /// <summary>Releases what binding made, not the module's tensor.</summary>
    public virtual void Dispose()
    {
    }
}

/// <summary>A contiguous tensor in host memory: its own memory is the host memory.</summary>
internal sealed class DirectTensor(Tensor live, long byteLength) : BoundTensor(live, byteLength)
{
    /// <inheritdoc/>
    public override bool TryAddress(out nint address) => HostMemory.TryAddressOf(Live, ByteLength, out address);
}

/// <summary>A tensor on a device, or not in row-major order: its elements are copied to a part of a host buffer and back.</summary>
internal sealed class StagedTensor : BoundTensor
{
    private readonly Tensor _host;
    private readonly bool _nonBlocking;
    private readonly nint _address;
    private Tensor _detached;

    /// <summary>A tensor staged in <paramref name="host"/>, a contiguous tensor of its shape and type that becomes this object's.</summary>
    public StagedTensor(Tensor live, Tensor host, long byteLength, bool nonBlocking)
        : base(live, byteLength)
    {
        _host = host;
        _nonBlocking = nonBlocking;
        _address = HostMemory.AddressOf(host);
        _detached = Detach();
    }

    /// <inheritdoc/>
    public override bool TryAddress(out nint address)
    {
        address = _address;
        return !Live.IsInvalid;
    }

    /// <inheritdoc/>
    public override void ToHost()
    {
        // Anew each time: the tensor may have been given other memory meanwhile (set_), and what was detached before would hold the old.
        _detached.Dispose();
        _detached = Detach();
        Copy(_detached, _host);
    }

    /// <inheritdoc/>
    public override void FromHost() => Copy(_host, _detached);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _detached.Dispose();
        _host.Dispose();
        base.Dispose();
    }

    /// <summary>Shares memory and version counter with the parameter but is outside of autograd, so that copying into it needs no scope and autograd
    /// still notices a write between forward and backward.</summary>
    private Tensor Detach() => Live.detach().DetachFromDisposeScope();

    private void Copy(Tensor source, Tensor target)
    {
        // Some in-place operations of TorchSharp return the tensor itself, others a new object for it.
        Tensor result = target.copy_(source, _nonBlocking);
        if (!ReferenceEquals(result, target))
            result.Dispose();
    }
}
