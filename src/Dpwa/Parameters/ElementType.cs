namespace Dpwa;

/// <summary>The type of a tensor's elements, as it is kept, sent and mixed. The values are part of the protocol.</summary>
public enum ElementType : byte
{
    /// <summary>IEEE 754 binary32.</summary>
    Float32 = 1,

    /// <summary>IEEE 754 binary64.</summary>
    Float64 = 2,

    /// <summary>IEEE 754 binary16.</summary>
    Float16 = 3,

    /// <summary>bfloat16: the upper half of a binary32.</summary>
    BFloat16 = 4,
}

/// <summary>Sizes of <see cref="ElementType"/>.</summary>
public static class ElementTypes
{
    /// <summary>Bytes of one element.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value names no element type.</exception>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.Float32 => 4,
        ElementType.Float64 => 8,
        ElementType.Float16 or ElementType.BFloat16 => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type"),
    };
}
