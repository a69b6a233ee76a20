using Dpwa.Forms;

namespace Dpwa;

/// <content>What a worker is beside its model, to be saved and gone on from.</content>
public sealed partial class DpwaConnection
{
    /// <summary>A copy of what the outer optimizer remembers, to be kept beside a checkpoint of the model. Null without an outer optimizer, and before the first
    /// <c>UpdateSend</c> that publishes.</summary>
    public OuterOptimizerState? ExportOuterState()
    {
        using Turn turn = Begin();
        return (_form as OuterForm)?.Export();
    }

    /// <summary>
    /// Gives the outer optimizer what <see cref="ExportOuterState"/> gave, together with the model of that moment and before the next <c>UpdateSend</c>: training goes on as if it
    /// had not been interrupted, bit for bit. Null begins anew, as is right when the parameters have been set to something else: the next that are published become the slow
    /// copy, and the momentum 0.
    /// </summary>
    /// <param name="state">It is copied.</param>
    /// <exception cref="InvalidOperationException">No outer optimizer is configured.</exception>
    /// <exception cref="ArgumentException">The state is of another model, or a value is not finite. What the optimizer remembers stays.</exception>
    public void ImportOuterState(OuterOptimizerState? state)
    {
        using Turn turn = Begin();
        ImportOuter(state, copy: true);
        _runtime.DropLate();
    }

    /// <summary>What this worker is beside its model: clock, round, push-sum weight and outer optimizer, copied. Ask between <c>UpdateWait</c> and the next <c>UpdateSend</c>, and keep it with a
    /// checkpoint of the model of that moment (<see cref="DpwaCheckpoint"/> does both).</summary>
    public WorkerState ExportState() => ReadState(copy: true);

    /// <summary>
    /// Gives a new connection what <see cref="ExportState"/> gave, together with the model of that moment and before the first <c>UpdateSend</c>: the next round is one more than the saved
    /// one, and where there are no peers training goes on as if it had not been interrupted, bit for bit.
    /// </summary>
    /// <param name="state">It is copied. Its push-sum weight is taken as it is: see docs/methods.md for what that means to the sum of all weights.</param>
    /// <exception cref="InvalidOperationException">The worker has begun to train, or the state has an outer optimizer and the configuration none. Nothing was changed.</exception>
    /// <exception cref="ArgumentException">A number is impossible, or the outer optimizer's state is of another model or not finite. Nothing was changed.</exception>
    public void ImportState(WorkerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Problem() is { } problem)
            throw new ArgumentException($"This state cannot be gone on from: {problem}.", nameof(state));
        WriteState(state, copy: true);
    }

    /// <summary>The parameter set; null for flat vectors.</summary>
    internal IParameterSet? ParameterSet => _parameters;

    /// <summary>The model's layout; null before it is known.</summary>
    internal ParameterLayout? Layout => _layout;

    internal bool HasOuter => _options.Outer is not null;

    internal void ThrowIfBegun() => _runtime.ThrowIfBegun();

    internal WorkerState ReadState(bool copy)
    {
        using Turn turn = Begin();
        (double clock, long round, double weight) = _runtime.State;
        return new(clock, round, weight, (_form as OuterForm)?.Export(copy));
    }

    internal void WriteState(WorkerState state, bool copy)
    {
        using Turn turn = Begin();
        _runtime.ThrowIfBegun();
        if (_options.Outer is not null || state.Outer is not null)
            ImportOuter(state.Outer, copy);
        _runtime.Restore(state.Clock, state.Round, state.Weight);
    }

    private void ImportOuter(OuterOptimizerState? state, bool copy)
    {
        if (_options.Outer is null)
            throw new InvalidOperationException("This connection has no outer optimizer: set 'outer' in the configuration.");

        // Flat vectors: the model is not known before the first UpdateSend, but the state knows it.
        if (_form is null && state is not null && state.Layout.Equals(ParameterLayout.Flat(state.Layout.Elements)))
            Bind(state.Layout);
        if (_form is OuterForm outer)
            outer.Import(state, copy);
        else if (state is not null)
            throw new ArgumentException("This state is of a model of named tensors, not of a flat vector.", nameof(state));
    }
}
