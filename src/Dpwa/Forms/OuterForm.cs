using System.Runtime.InteropServices;
using Dpwa.Averaging;
using Dpwa.Codecs;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Forms;

/// <summary>
/// The outer optimizer of NoLoCo (arXiv 2506.10911). A node keeps, beside its parameters θ, a slow copy φ of them and a momentum m, and publishes θ and φ. What comes
/// from a peer moves φ by a step of momentum along what both have trained since their last outer steps, and θ follows. The slow copy begins as the first parameters
/// that are published, the momentum as 0. Statistics are mixed as always.
/// </summary>
/// <remarks>
/// Where no exchange comes about nothing changes: θ goes on from where it is, φ waits, and the next step has the larger difference. So one worker alone trains as if there
/// were no outer optimizer. In the delta form what was trained since publishing is kept whole; in the parameters form it belongs to the difference, and θ becomes φ.
/// </remarks>
public sealed class OuterForm : ModelForm
{
    private readonly ParameterLayout _model;
    private readonly OuterStep _step;
    private readonly int[] _parameters;
    private readonly float[]?[] _slow;
    private readonly float[]?[] _momentum;
    private bool _hasBegun;

    internal OuterForm(ParameterLayout model, OuterOptimizerOptions options, string? source)
        : base(LayoutOf(model, source))
    {
        _model = model;
        _step = new OuterStep(options);
        _parameters = [.. Enumerable.Range(0, model.Tensors.Length).Where(i => model.Tensors[i].Kind == TensorKind.Parameter)];
        _slow = new float[_parameters.Length][];
        _momentum = new float[_parameters.Length][];
    }

    /// <summary>A copy of φ and m; null before the first publication.</summary>
    public OuterOptimizerState? Export() => Export(copy: true);

    /// <summary>φ and m: a copy, or, for a look before the next step, the memory itself.</summary>
    internal OuterOptimizerState? Export(bool copy) =>
        !_hasBegun ? null
        : copy ? new(_model, _slow.Select(Memory), _momentum.Select(Memory))
        : OuterOptimizerState.Of(_model, [.. _slow.Select(Memory)], [.. _momentum.Select(Memory)]);

    /// <summary>Goes on from a copy of <paramref name="state"/>; null begins anew, with the next that is published for φ.</summary>
    /// <exception cref="ArgumentException">It is of another model, or a value is not finite.</exception>
    public void Import(OuterOptimizerState? state) => Import(state, copy: true);

    /// <summary>As the public one; without a copy the arrays of the state become this object's.</summary>
    internal void Import(OuterOptimizerState? state, bool copy)
    {
        if (state is not null && _model.FirstDifference(state.Layout) is { } difference)
            throw new ArgumentException($"This state is of another model: {difference}.", nameof(state));
        if (state is { IsFinite: false })
            throw new ArgumentException("This state is of training that had broken down: not every value is finite.", nameof(state));
        _hasBegun = state is not null;
        for (int p = 0; p < _parameters.Length; p++)
        {
            _slow[p] = Values(state?.Slow[p], copy);
            _momentum[p] = Values(state?.Momentum[p], copy);
        }
    }

    /// <summary>The donor's φ as well; the momentum begins as 0.</summary>
    public override void Adopt<TModel>(TModel model, IPayload payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        base.Adopt(model, payload);
        _hasBegun = true;
        var step = new CopyStep();
        for (int p = 0; p < _parameters.Length; p++)
        {
            TensorInfo tensor = _model.Tensors[_parameters[p]];
            float[] slow = new float[tensor.ByteLength / sizeof(float)];
            ModelUpdate.OfTensor(MemoryMarshal.AsBytes(slow.AsSpan()), tensor, PayloadCodec.Native, payload, Published.Offset(p), own: null, 0, ref step);
            (_slow[p], _momentum[p]) = (slow, new float[slow.Length]);
        }
    }

    private protected override void Each<TModel, TStep>(TModel model, IPayload peer, in Decision decision, ref TStep step)
    {
        EncodedLayout encoded = EncodedLayout.Of(Published, decision.Codec);
        for (int i = 0; i < _model.Tensors.Length; i++)
        {
            int live = _parameters.Length + i;
            ModelUpdate.OfTensor(model.Segment(i), _model.Tensors[i], encoded.CodecOf(live), peer, encoded.Offset(live), decision.Own, Published.Offset(live), ref step);
        }
    }

    private protected override bool Write<TModel>(TModel model, Snapshot snapshot)
    {
        // θ first: only what has been found finite may become φ. From the end to the beginning, as ModelUpdate.
        bool pastCaches = ModelUpdate.PastCaches(Published);
        for (int i = _model.Tensors.Length - 1; i >= 0; i--)
        {
            if (!ModelUpdate.PublishTensor(model.Segment(i), snapshot, Published.Offset(_parameters.Length + i), _model.Tensors[i].Type, pastCaches))
                return false;
        }

        Begin(model);
        for (int p = _parameters.Length - 1; p >= 0; p--)
        {
            if (!ModelUpdate.PublishTensor(MemoryMarshal.AsBytes(_slow[p].AsSpan()), snapshot, Published.Offset(p), ElementType.Float32, pastCaches))
                return false;
        }

        return true;
    }

    private protected override void Apply<TModel>(TModel model, IPayload peer, in Decision decision)
    {
        EncodedLayout encoded = EncodedLayout.Of(Published, decision.Codec);

        // A φ that begins only now is not that of my snapshot.
        IPayload? own = _hasBegun ? decision.Own : null;
        Begin(model);
        for (int p = 0; p < _parameters.Length; p++)
        {
            int live = _parameters.Length + _parameters[p];
            DecodedTensor? before = own is null ? null : new(own, Published.Offset(live), PayloadCodec.Native);
            _step.Take(
                MemoryMarshal.Cast<byte, float>(model.Segment(_parameters[p])),
                before,
                new(peer, encoded.Offset(live), decision.Codec),
                new(peer, encoded.Offset(p), decision.Codec),
                _slow[p],
                _momentum[p]);
        }

        var mix = new MixStep(decision.Factor);
        for (int i = 0; i < _model.Tensors.Length; i++)
        {
            if (_model.Tensors[i].Kind == TensorKind.Statistic)
                ModelUpdate.OfTensor(model.Segment(i), _model.Tensors[i], PayloadCodec.Native, peer, encoded.Offset(_parameters.Length + i), own: null, 0, ref mix);
        }
    }

    /// <summary>The slow copies, then the model: so the first tensor tells a node without an outer optimizer why it is refused.</summary>
    private static ParameterLayout LayoutOf(ParameterLayout model, string? source)
    {
        TensorInfo[] parameters = [.. model.Tensors.Where(t => t.Kind == TensorKind.Parameter)];
        if (parameters.FirstOrDefault(t => t.Type != ElementType.Float32) is { } other)
            throw Unusable(source, $"an outer optimizer keeps its slow copy and its momentum in float32, and so takes parameters of float32 only, but the model has {other}: leave out 'outer', or keep that tensor from being exchanged");
        if (parameters.Length == 0)
            throw Unusable(source, "an outer optimizer steps parameters, and this model has none: leave out 'outer'");
        return new([.. parameters.Select(t => t with { Name = $"outer optimizer's slow copy of {t.Name}" }), .. model.Tensors]);
    }

    private static ReadOnlyMemory<float> Memory(float[]? values) => values;

    private static float[]? Values(ReadOnlyMemory<float>? memory, bool copy) =>
        memory is not { } values ? null
        : !copy && MemoryMarshal.TryGetArray(values, out ArraySegment<float> array) && array.Array!.Length == values.Length ? array.Array
        : values.ToArray();

    private void Begin<TModel>(TModel model)
        where TModel : IModelMemory, allows ref struct
    {
        if (_hasBegun)
            return;
        for (int p = 0; p < _parameters.Length; p++)
        {
            _slow[p] = MemoryMarshal.Cast<byte, float>(model.Segment(_parameters[p])).ToArray();
            _momentum[p] = new float[_slow[p]!.Length];
        }

        _hasBegun = true;
    }
}
