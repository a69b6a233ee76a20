using System.Runtime.InteropServices;
using Dpwa.Codecs;

namespace Dpwa;

/// <summary>
/// What an outer optimizer (<see cref="DpwaOptions.Outer"/>) remembers from one outer step to the next, to be kept beside a checkpoint of the model and given back when training
/// goes on from there. It does not change.
/// </summary>
public sealed class OuterOptimizerState
{
    /// <summary>A state of these values, which are copied.</summary>
    /// <param name="layout">The model's layout.</param>
    /// <param name="slow">φ: for each tensor of kind parameter, in the layout's order, its elements row-major.</param>
    /// <param name="momentum">m, likewise.</param>
    /// <exception cref="ArgumentException">There are too many or too few tensors or elements.</exception>
    public OuterOptimizerState(ParameterLayout layout, IEnumerable<ReadOnlyMemory<float>> slow, IEnumerable<ReadOnlyMemory<float>> momentum)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(slow);
        ArgumentNullException.ThrowIfNull(momentum);
        Layout = layout;
        Slow = Checked(layout, slow, nameof(slow));
        Momentum = Checked(layout, momentum, nameof(momentum));
    }

    private OuterOptimizerState(ParameterLayout layout, ReadOnlyMemory<float>[] slow, ReadOnlyMemory<float>[] momentum) => (Layout, Slow, Momentum) = (layout, slow, momentum);

    /// <summary>The model's layout.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>The slow copy φ: for each tensor of kind parameter, in the layout's order, its elements row-major.</summary>
    public IReadOnlyList<ReadOnlyMemory<float>> Slow { get; }

    /// <summary>The momentum m, likewise.</summary>
    public IReadOnlyList<ReadOnlyMemory<float>> Momentum { get; }

    /// <summary>Whether every value is finite.</summary>
    internal bool IsFinite => Slow.Concat(Momentum).All(v => FiniteBits.AreFinite(MemoryMarshal.AsBytes(v.Span), FiniteBits.Float32Exponent));

    /// <summary>A state of these values themselves, which are of the right number and lengths. For who hands them over, or lets others only look.</summary>
    internal static OuterOptimizerState Of(ParameterLayout layout, ReadOnlyMemory<float>[] slow, ReadOnlyMemory<float>[] momentum) => new(layout, slow, momentum);

    private static ReadOnlyMemory<float>[] Checked(ParameterLayout layout, IEnumerable<ReadOnlyMemory<float>> values, string name)
    {
        TensorInfo[] tensors = [.. layout.Tensors.Where(t => t.Kind == TensorKind.Parameter)];
        ReadOnlyMemory<float>[] copies = [.. values.Select(v => (ReadOnlyMemory<float>)v.ToArray())];
        if (copies.Length != tensors.Length)
            throw new ArgumentException($"The model has {tensors.Length} tensors of kind parameter, but these are {copies.Length}.", name);
        for (int i = 0; i < copies.Length; i++)
        {
            if (copies[i].Length != tensors[i].Elements)
                throw new ArgumentException($"There are {copies[i].Length} values for {tensors[i]}.", name);
        }

        return copies;
    }
}
