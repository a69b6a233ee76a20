namespace Dpwa.TorchSharp;

/// <summary>Whether parameters that are not trained (<c>requires_grad</c> false when the model is bound) are exchanged.</summary>
public enum FrozenParameters
{
    /// <summary>They are, as in the original. A worker whose frozen layers started from other values is pulled to the others, and a
    /// layer that is unfrozen during training needs nothing.</summary>
    Include,

    /// <summary>They are not, which saves their share of the traffic. Every worker must start from the same values, and what is frozen when the
    /// model is bound stays left out, also when it is unfrozen later.</summary>
    Exclude,
}

/// <summary>Which tensors of a model are exchanged. All workers need the same choice: another one is another model, and exchanges with it are rejected.</summary>
public sealed record DpwaTorchOptions
{
    /// <summary>
    /// Globs over names as <c>named_parameters()</c> and <c>named_buffers()</c> give them (<c>*</c> any characters, dots too; <c>?</c> one); a tensor takes
    /// part when one matches. Empty, the default: all take part.
    /// </summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Globs over the same names; a tensor that one matches is left out, also when <see cref="Include"/> names it. Empty by default.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Whether frozen parameters are exchanged. By default they are.</summary>
    public FrozenParameters FrozenParameters { get; init; } = FrozenParameters.Include;
}
