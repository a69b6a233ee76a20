using System.Collections.Immutable;

namespace Dpwa.Checkpoints;

/// <summary>One tensor of a checkpoint, without its elements.</summary>
/// <param name="Name">Its name, unique in the file.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Shape">Its dimensions, each at least 0; empty for a scalar. The elements are stored row-major.</param>
public sealed record StoredTensor(string Name, StoredType Type, ImmutableArray<long> Shape)
{
    /// <summary>The number of bytes of all elements.</summary>
    /// <exception cref="OverflowException">They are more than a file can hold.</exception>
    public long ByteLength
    {
        get
        {
            long product = Type.Size();
            foreach (long dimension in Shape)
                product = checked(product * dimension);
            return product;
        }
    }

    /// <inheritdoc/>
    public bool Equals(StoredTensor? other) => other is not null && Name == other.Name && Type == other.Type && Shape.AsSpan().SequenceEqual(other.Shape.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Type, Shape.Length);

    /// <summary>For example <c>conv1.weight F32[64,3,3,3]</c>.</summary>
    public override string ToString() => $"{Name} {Describe()}";

    /// <summary>For example <c>F32[64,3,3,3]</c>.</summary>
    internal string Describe() => $"{Type}[{string.Join(',', Shape)}]";
}
