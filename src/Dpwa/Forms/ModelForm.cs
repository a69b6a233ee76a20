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
    private DeltaLimit? _limit;

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
        ModelForm form = options switch
        {
            { Outer: { } outer } => new OuterForm(model, outer, options.Source),
            { Subset: < 1 } => new SubsetForm(model, options),
            _ => new PlainForm(model),
        };
        form._limit = options.MaxDeltaNorm;
        return form;
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

    /// <summary>Mixes all that a decision brings into a model, in place; nothing, when it brings nothing. The payloads stay leased.</summary>
    /// <param name="model">The live model.</param>
    /// <param name="decision">With payloads of the layout <see cref="Published"/>, verified.</param>
    /// <returns>The decision as it was carried out, with smaller factors or refusals where parameters are further away than
    /// <see cref="DpwaOptions.MaxDeltaNorm"/> allows. If <see cref="Decision.WasLimited"/>, the node has to be told (<see cref="GossipNode.CarriedOut"/>).</returns>
    public Decision Mix<TModel>(TModel model, in Decision decision)
        where TModel : IModelMemory, allows ref struct
    {
        Decision done = MixOne(model, decision);
        if (decision.Incoming is not { } incoming)
            return done;
        Decision theirs = MixOne(model, incoming.ToDecision());
        return done with { Incoming = incoming with { Factor = theirs.Factor, DeltaNorm = theirs.DeltaNorm, Excess = theirs.Excess } };
    }

    /// <summary>Whether what one snapshot has is the whole model, as the final merge needs it.</summary>
    public virtual bool IsWhole => true;

    /// <summary>Mixes the parameters, and nothing else, of what a decision brings: <c>x ← (1−a)·x + a·peer</c>.</summary>
    /// <param name="model">The live model.</param>
    /// <param name="decision">With a payload of the layout <see cref="Published"/>, verified.</param>
    /// <exception cref="NotSupportedException">A snapshot is not the whole model.</exception>
    public void Merge<TModel>(TModel model, in Decision decision)
        where TModel : IModelMemory, allows ref struct
    {
        if (!IsWhole)
            throw new NotSupportedException("A subset is not the whole model.");
        var step = new MixStep(decision.Factor);
        Each(model, decision.Payload!, decision with { Own = null }, ref step);
    }

    /// <summary>Takes a peer's model over, all of it, instead of one's own: before the first step.</summary>
    /// <param name="model">The live model.</param>
    /// <param name="payload">Of the layout <see cref="Published"/>, not encoded, verified.</param>
    /// <exception cref="NotSupportedException">A snapshot is not the whole model.</exception>
    public virtual void Adopt<TModel>(TModel model, IPayload payload)
        where TModel : IModelMemory, allows ref struct
    {
        if (!IsWhole)
            throw new NotSupportedException("A subset is not the whole model.");
        var step = new CopyStep();
        Each(model, payload, default, ref step);
    }

    /// <summary>Writes for the snapshot's round.</summary>
    private protected abstract bool Write<TModel>(TModel model, Snapshot snapshot)
        where TModel : IModelMemory, allows ref struct;

    /// <summary>Mixes the peer's values into the model.</summary>
    private protected virtual void Apply<TModel>(TModel model, IPayload peer, in Decision decision)
        where TModel : IModelMemory, allows ref struct
    {
        var step = new MixStep(decision.Factor);
        Each(model, peer, decision, ref step);
    }

    /// <summary>Takes a step with all values that come from a peer and are the model's own.</summary>
    private protected abstract void Each<TModel, TStep>(TModel model, IPayload peer, in Decision decision, ref TStep step)
        where TModel : IModelMemory, allows ref struct
        where TStep : struct, IPairStep;

    private Decision MixOne<TModel>(TModel model, in Decision decision)
        where TModel : IModelMemory, allows ref struct
    {
        if (decision.Payload is not { } peer)
            return decision;
        Decision allowed = decision;
        if (_limit is { } limit)
        {
            var distance = new DistanceStep();
            Each(model, peer, decision, ref distance);
            allowed = decision.Limit(distance.Norm, limit);
        }

        if (allowed.Outcome == UpdateOutcome.Averaged)
            Apply(model, peer, allowed);
        return allowed;
    }

    private protected static DpwaConfigurationException Unusable(string? source, string message) => new([new ConfigurationError(source, 0, 0, message)]);
}
