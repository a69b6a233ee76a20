using System.Diagnostics;
using Dpwa.Averaging;
using Dpwa.Diagnostics;
using Dpwa.Snapshots;

namespace Dpwa;

/// <content>How a run begins with a peer's model, and how it ends with everyone's.</content>
public sealed partial class DpwaConnection
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(10);

    private bool _hasAskedForModel;

    /// <summary>
    /// Begins from the model of a peer that trains already, if there is one: takes over its parameters, its clock and its round. For a worker that joins late, before its first
    /// <c>UpdateSend</c>. The peer is drawn at random, and one that gives its model to another is left for the next; what was cut on the way goes on where it was. It waits as long as
    /// something comes, and is over at once when no peer has a model, as when all workers begin together.
    /// </summary>
    /// <param name="parameters">float32 values, as many as will be sent; the peer's are written into them, or none.</param>
    /// <param name="wait">How long it waits without any progress; null: the exchange deadline of a small model (<see cref="DpwaOptions.EffectiveDeadline"/>).</param>
    /// <exception cref="InvalidOperationException">The worker has begun to train, or the options have a subset, which is never the whole model.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time to wait is negative or above ten days.</exception>
    /// <exception cref="ArgumentException">The vector is empty.</exception>
    public BootstrapResult Bootstrap(Span<float> parameters, TimeSpan? wait = null)
    {
        using Turn turn = Begin(flat: true);
        CheckLength(parameters.Length);
        return Adopt(new FlatVector(parameters), wait);
    }

    /// <summary>As <see cref="Bootstrap(Span{float}, TimeSpan?)"/>, into the parameter set. With <c>bootstrap: peer</c> the first <c>UpdateSend</c> does it by itself.</summary>
    /// <param name="wait">How long it waits without any progress; null: the exchange deadline of a small model (<see cref="DpwaOptions.EffectiveDeadline"/>).</param>
    /// <exception cref="InvalidOperationException">The worker has begun to train, or the options have a subset, which is never the whole model.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time to wait is negative or above ten days.</exception>
    public BootstrapResult Bootstrap(TimeSpan? wait = null)
    {
        using Turn turn = Begin(flat: false);
        _parameters!.Load();
        BootstrapResult result = Adopt(_parameters, wait);
        if (result.HasModel)
            _parameters.Store();
        return result;
    }

    /// <summary>
    /// At the end of a run: all workers end with the mean of everyone's parameters, which helps strongly when their data differ. Each calls it once, after its last
    /// <c>UpdateWait</c>. It waits for those that still train, and until everyone has taken this worker's parameters, but not for those that have left or cannot be reached.
    /// </summary>
    /// <param name="parameters">float32 values, as many as were sent; the mean is written into them.</param>
    /// <param name="loss">The present loss.</param>
    /// <param name="wait">How long at most; null: the exchange deadline (<see cref="DpwaOptions.DeadlineFor"/>).</param>
    /// <exception cref="InvalidOperationException">The options have a subset, which is never the whole model; or a value is not finite; or readers hold every snapshot.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time to wait is negative or above ten days.</exception>
    public MergeResult FinalMerge(Span<float> parameters, double loss, TimeSpan? wait = null)
    {
        using Turn turn = Begin(flat: true);
        CheckLength(parameters.Length);
        return Merge(new FlatVector(parameters), loss, wait);
    }

    /// <summary>As <see cref="FinalMerge(Span{float}, double, TimeSpan?)"/>, over the parameter set.</summary>
    /// <param name="loss">The present loss.</param>
    /// <param name="wait">How long at most; null: the exchange deadline (<see cref="DpwaOptions.DeadlineFor"/>).</param>
    /// <exception cref="InvalidOperationException">The options have a subset, which is never the whole model; or a value is not finite; or readers hold every snapshot.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time to wait is negative or above ten days.</exception>
    public MergeResult FinalMerge(double loss, TimeSpan? wait = null)
    {
        using Turn turn = Begin(flat: false);
        _parameters!.Load();
        MergeResult result = Merge(_parameters, loss, wait);
        _parameters.Store();
        return result;
    }

    private MergeResult Merge<TModel>(TModel model, double loss, TimeSpan? wait)
        where TModel : IModelMemory, allows ref struct
    {
        CheckWait(wait);
        if (!_form!.IsWhole)
            throw new InvalidOperationException("With 'subset' a snapshot is never the whole model, so there is nothing to merge; average the workers' saved models instead.");
        Snapshot snapshot = _store!.TryWrite() ?? throw new InvalidOperationException("Readers hold every snapshot of this worker; try again.");
        if (!_form.Publish(model, snapshot, _runtime.NextRound))
            throw new InvalidOperationException("The parameters have a NaN or an infinity, and cannot be merged.");
        try
        {
            _runtime.BeginMerge(loss, snapshot, wait ?? _options.DeadlineFor(_form.Published.PayloadLength));
        }
        finally
        {
            _store.Published(snapshot);
        }

        while (_runtime.NextMerge() is { Payload: { } payload } next)
        {
            using (payload)
                _form.Merge(model, next);
        }

        return _runtime.MergeResult;
    }

    private BootstrapResult Adopt<TModel>(TModel model, TimeSpan? wait)
        where TModel : IModelMemory, allows ref struct
    {
        CheckWait(wait);
        _runtime.ThrowIfBegun();
        if (!_form!.IsWhole)
            throw new InvalidOperationException("With 'subset' a snapshot is never the whole model, so there is nothing to begin with; start this worker from a checkpoint instead.");
        long start = Stopwatch.GetTimestamp();
        Decision decision = _runtime.Bootstrap(wait ?? _options.EffectiveDeadline);
        using (decision.Payload)
        {
            if (decision.Payload is { } payload)
                _form.Adopt(model, payload);
        }

        _hasAskedForModel = true;
        var result = new BootstrapResult(decision.Peer, decision.PeerClock, (long)decision.Round, decision.Payload?.Length ?? 0, Stopwatch.GetElapsedTime(start), decision.Reason);
        if (result.HasModel)
            _logger.Bootstrapped(result.Peer!, result.Bytes, result.Clock, result.Round);
        else
            _logger.NotBootstrapped(result.Reason!);
        return result;
    }

    private static void CheckWait(TimeSpan? wait)
    {
        if (wait is { } given && (given < TimeSpan.Zero || given > LongestWait))
            throw new ArgumentOutOfRangeException(nameof(wait), wait, $"the time to wait must be from 0 to {LongestWait.TotalDays:0} days");
    }

    /// <summary>Whether the configuration asks for a peer's model, and nothing has been begun with yet.</summary>
    private bool NeedsModel => _options.Bootstrap == BootstrapSource.Peer && !_hasAskedForModel && _runtime.NextRound == 1;
}
