using Dpwa.Checkpoints;
using Dpwa.TorchSharp.Binding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Checkpoints;

/// <summary>Tensors to a checkpoint and back: those that are contiguous in host memory from and to that memory itself, others through a copy of one tensor at a time.</summary>
internal static class TensorTransfer
{
    private const int Piece = 1 << 30;

    /// <summary>What a tensor is stored as.</summary>
    /// <exception cref="ArgumentException">Its elements are of a type that is not stored, or it is sparse or without values.</exception>
    public static StoredTensor Describe(string name, Tensor tensor)
    {
        if (tensor.is_sparse || tensor.device_type == DeviceType.META)
            throw new ArgumentException($"Tensor '{name}' cannot be saved: it is {(tensor.is_sparse ? "sparse" : "on the meta device, without values")}.");
        return new(name, TypeOf(tensor.dtype) ?? throw new ArgumentException($"Tensor '{name}' cannot be saved: its elements are of type {tensor.dtype}."), [.. tensor.shape]);
    }

    /// <summary>Writes the elements, row-major.</summary>
    public static unsafe void Write(Tensor tensor, CheckpointWriter file)
    {
        long length = tensor.NumberOfElements * tensor.ElementSize;
        if (length == 0)
            return;
        using DisposeScope scope = NewDisposeScope();
        using var noGradients = no_grad();
        Tensor host = tensor.detach().cpu().contiguous();
        byte* address = (byte*)HostMemory.AddressOf(host);
        for (long at = 0; at < length; at += Piece)
            file.Write(new ReadOnlySpan<byte>(address + at, (int)Math.Min(Piece, length - at)));
        GC.KeepAlive(host);
    }

    /// <summary>Reads the elements into a tensor that stays the object and, where it can, the memory that it is: who has bound it need not know.</summary>
    public static unsafe void Read(CheckpointReader file, string name, Tensor tensor)
    {
        long length = tensor.NumberOfElements * tensor.ElementSize;
        if (length == 0)
            return;
        using DisposeScope scope = NewDisposeScope();
        using var noGradients = no_grad();
        bool direct = tensor.device_type == DeviceType.CPU && tensor.is_contiguous();
        Tensor host = direct ? tensor : empty(tensor.shape, tensor.dtype);
        byte* address = (byte*)HostMemory.AddressOf(host);
        for (long at = 0; at < length; at += Piece)
            file.Read(name, new Span<byte>(address + at, (int)Math.Min(Piece, length - at)), at);
        if (!direct)
            tensor.detach().copy_(host);
        GC.KeepAlive(host);
    }

    private static StoredType? TypeOf(ScalarType type) => type switch
    {
        ScalarType.Bool => StoredType.BOOL,
        ScalarType.Byte => StoredType.U8,
        ScalarType.Int8 => StoredType.I8,
        ScalarType.Int16 => StoredType.I16,
        ScalarType.Int32 => StoredType.I32,
        ScalarType.Int64 => StoredType.I64,
        ScalarType.Float16 => StoredType.F16,
        ScalarType.BFloat16 => StoredType.BF16,
        ScalarType.Float32 => StoredType.F32,
        ScalarType.Float64 => StoredType.F64,
        _ => null,
    };
}
