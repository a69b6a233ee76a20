using System.Collections.Immutable;

namespace Dpwa;

/// <summary>How a tensor takes part in averaging.</summary>
public enum TensorKind : byte
{
    /// <summary>A trained parameter: mixed in the configured form.</summary>
    Parameter = 1,

    /// <summary>A running statistic (BatchNorm mean or variance): always mixed in the convex form, so that a variance stays non-negative.</summary>
    Statistic = 2,
}

/// <summary>One tensor of a model.</summary>
/// <param name="Name">Its name, unique in the model, e.g. <c>conv1.weight</c>.</param>
/// <param name="Shape">Its dimensions; empty for a scalar.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Kind">Parameter or statistic.</param>
public sealed record TensorInfo(string Name, ImmutableArray<long> Shape, ElementType Type, TensorKind Kind)
{
    /// <summary>The number of elements.</summary>
    public long Elements
    {
        get
        {
            long product = 1;
            foreach (long dimension in Shape)
                product = checked(product * dimension);
            return product;
        }
    }

    /// <summary>The number of bytes without padding.</summary>
    public long ByteLength => checked(Elements * Type.Size());

    /// <inheritdoc/>
    public bool Equals(TensorInfo? other) =>
        other is not null && Name == other.Name && Type == other.Type && Kind == other.Kind && Shape.AsSpan().SequenceEqual(other.Shape.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Type, Kind, Shape.Length);

    /// <summary>For example <c>conv1.weight float32[64,3,3,3]</c>, or <c>bn1.running_var float32[64] (statistic)</c>.</summary>
    public override string ToString() =>
        $"{Name} {Type.ToString().ToLowerInvariant()}[{string.Join(',', Shape)}]{(Kind == TensorKind.Statistic ? " (statistic)" : "")}";
}
