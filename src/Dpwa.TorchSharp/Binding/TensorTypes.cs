using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Binding;

/// <summary>Torch's element types and ours.</summary>
internal static class TensorTypes
{
    /// <summary>Our name of a torch type, or null when it is not exchanged.</summary>
    public static ElementType? ElementTypeOf(ScalarType type) => type switch
    {
        ScalarType.Float32 => ElementType.Float32,
        ScalarType.Float64 => ElementType.Float64,
        ScalarType.Float16 => ElementType.Float16,
        ScalarType.BFloat16 => ElementType.BFloat16,
        _ => null,
    };

    /// <summary>Integers and Booleans: a mean of them has no meaning.</summary>
    public static bool IsCounting(ScalarType type) =>
        type is ScalarType.Byte or ScalarType.Int8 or ScalarType.Int16 or ScalarType.Int32 or ScalarType.Int64 or ScalarType.Bool;
}
