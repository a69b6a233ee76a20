using Dpwa.Averaging;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Forms;

/// <summary>
/// What of a model a node publishes, and how what comes from a peer is mixed into it. What is published has a layout of its own, so that snapshots, codecs, messages
/// and shared memory carry every form as they carry a model, and nodes whose settings do not go together refuse each other as they refuse another model. A
/// form belongs to one node, and may have a state; one thread at a time calls it.
/// </summary>
public abstract class ModelForm
{
    private protected ModelForm(ParameterLayout published) => Published = published;

    /// <summary>The layout of snapshots, and of what peers send.</summary>
    public ParameterLayout Published { get; }

    /// <summary>The form that the options ask for.</summary>
    /// <param name="model">The layout of the live model.</param>
    /// <param name="options">Valid options.</param>
    /// <exception cref="DpwaConfigurationException">This model cannot be published in that form; the message says why.</exception>
    public static ModelForm Create(ParameterLayout model, DpwaOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        return options switch
        {
            { Outer: { } outer } => new OuterForm(model, outer, options.Source),
            { Subset: < 1 } => new SubsetForm(model, options),
            _ => new PlainForm(model),
        };
    }

    /// <summary>Writes what the form publishes of a model into a snapshot. Gives whether every value of it is finite; one that is not must not be published.</summary>
    /// <param name="model">The live model.</param>
    /// <param name="snapshot">Of the layout <see cref="Published"/>, leased by nobody.</param>
    /// <param name="round">The step that it is written for (<see cref="GossipNode.NextRound"/>); it travels with the snapshot.</param>
    public bool Publish<TModel>(TModel model, Snapshot snapshot, ulong round)
        where TModel : IModelMemory, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        snapshot.Round = round;
        return Write(model, snapshot);
    }

    /// <summary>Mixes what a decision brings into a model, in place; nothing, when it brings nothing. The payload stays leased.</summary>
    /// <param name="model">The live model.</param>
    /// <param name="decision">With a payload of the layout <see cref="Published"/>, verified.</param>
    public void Mix<TModel>(TModel model, in Decision decision)
        where TModel : IModelMemory, allows ref struct
    {
        if (decision.Payload is { } peer)
            Apply(model, peer, decision);
    }

    /// <summary>Whether what one snapshot has is the whole model, as the final merge needs it.</summary>
    public virtual bool IsWhole => true;

    /// <summary>Mixes the parameters, and nothing else, of what a decision brings: <c>x ← (1−a)·x + a·peer</c>.</summary>
    /// <param name="model">The live model.</param>
    /// <param name="decision">With a payload of the layout <see cref="Published"/>, verified.</param>
    public abstract void Merge<TModel>(TModel model, in Decision decision)
        where TModel : IModelMemory, allows ref struct;

    /// <summary>Writes for the snapshot's round.</summary>
    private protected abstract bool Write<TModel>(TModel model, Snapshot snapshot)
        where TModel : IModelMemory, allows ref struct;

    private protected abstract void Apply<TModel>(TModel model, IPayload peer, in Decision decision)
        where TModel : IModelMemory, allows ref struct;

    private protected static DpwaConfigurationException Unusable(string? source, string message) => new([new ConfigurationError(source, 0, 0, message)]);
}
