namespace Dpwa.Checkpoints;

/// <summary>The type of a stored tensor's elements, by its name in the safetensors format. All are little-endian.</summary>
public enum StoredType
{
    /// <summary>One byte, 0 or 1.</summary>
    BOOL,

    /// <summary>Unsigned, 8 bits.</summary>
    U8,

    /// <summary>Signed, 8 bits.</summary>
    I8,

    /// <summary>Unsigned, 16 bits.</summary>
    U16,

    /// <summary>Signed, 16 bits.</summary>
    I16,

    /// <summary>Unsigned, 32 bits.</summary>
    U32,

    /// <summary>Signed, 32 bits.</summary>
    I32,

    /// <summary>Unsigned, 64 bits.</summary>
    U64,

    /// <summary>Signed, 64 bits.</summary>
    I64,

    /// <summary>IEEE 754 binary16.</summary>
    F16,

    /// <summary>bfloat16: the upper half of a binary32.</summary>
    BF16,

    /// <summary>IEEE 754 binary32.</summary>
    F32,

    /// <summary>IEEE 754 binary64.</summary>
    F64,
}

/// <summary>Sizes and names of <see cref="StoredType"/>.</summary>
public static class StoredTypes
{
    /// <summary>Bytes of one element.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value names no type.</exception>
    public static int Size(this StoredType type) => type switch
    {
        StoredType.BOOL or StoredType.U8 or StoredType.I8 => 1,
        StoredType.U16 or StoredType.I16 or StoredType.F16 or StoredType.BF16 => 2,
        StoredType.U32 or StoredType.I32 or StoredType.F32 => 4,
        StoredType.U64 or StoredType.I64 or StoredType.F64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a type of stored elements"),
    };

    /// <summary>What an exchanged tensor is stored as.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value names no element type.</exception>
    public static StoredType Stored(this ElementType type) => type switch
    {
        ElementType.Float32 => StoredType.F32,
        ElementType.Float64 => StoredType.F64,
        ElementType.Float16 => StoredType.F16,
        ElementType.BFloat16 => StoredType.BF16,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type"),
    };
}
