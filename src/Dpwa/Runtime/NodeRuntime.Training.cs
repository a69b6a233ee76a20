using Dpwa.Averaging;
using Dpwa.Snapshots;

namespace Dpwa.Runtime;

/// <content>What the trainer calls.</content>
internal sealed partial class NodeRuntime
{
    /// <summary>Throws when <see cref="UpdateSend"/> would not take this loss.</summary>
    public void CheckLoss(double loss) => _node.CheckLoss(loss);

    /// <summary>The clock, the round and the push-sum weight.</summary>
    public (double Clock, long Round, double Weight) State
    {
        get
        {
            lock (_gate)
                return (_node.Clock, _node.Round, _node.Weight);
        }
    }

    /// <summary>Goes on from a state; throws when the node has begun.</summary>
    public void Restore(double clock, long round, double weight)
    {
        lock (_gate)
            _node.Restore(clock, round, weight);
    }

    /// <summary>Throws when <see cref="Restore"/> would.</summary>
    public void ThrowIfBegun()
    {
        lock (_gate)
            _node.ThrowIfBegun();
    }

    public void UpdateSend(double loss, Snapshot? snapshot)
    {
        lock (_gate)
        {
            _node.UpdateSend(Now, loss, snapshot);
            Perform(_trainerActions);
        }

        _trainerActions.Run(this);
    }

    /// <summary>The model has been replaced.</summary>
    public void DropLate() => Tell(static (node, _) => node.DropLate());

    /// <summary>Waits on the caller's thread until the exchange is decided.</summary>
    public Decision UpdateWait(double loss)
    {
        BeginWait(loss);
        return WaitForDecision();
    }

    public async ValueTask<Decision> UpdateWaitAsync(double loss, CancellationToken cancellationToken)
    {
        BeginWait(loss);
        try
        {
            await _waiter.WaitAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                if (_node.StopWaiting())
                    throw;
            }

            // It was decided in the same moment: what came must not be lost.
            await _waiter.WaitAsync().ConfigureAwait(false);
        }

        return _node.Decision;
    }

    /// <summary>The last decision, as it was carried out.</summary>
    public void CarriedOut(in Decision done)
    {
        lock (_gate)
        {
            _node.CarriedOut(Now, done);
            Perform(_trainerActions);
        }

        _trainerActions.Run(this);
    }

    /// <summary>Waits on the caller's thread for a model to begin with.</summary>
    public Decision Bootstrap(TimeSpan wait) => Ask((node, now) => node.BeginBootstrap(now, wait));

    /// <summary>The run ends with this snapshot: the others are told so, and asked for theirs.</summary>
    public void BeginMerge(double loss, Snapshot snapshot, TimeSpan wait) => Tell((node, now) => node.BeginMerge(now, loss, snapshot, wait));

    /// <summary>Waits on the caller's thread for the next to mix; none when the merge is over.</summary>
    public Decision NextMerge() => Ask(static (node, now) => node.NextMerge(now));

    public MergeResult MergeResult
    {
        get
        {
            lock (_gate)
                return _node.MergeResult;
        }
    }

    /// <summary>The trainer tells the node something that is not said at every step: a step allocates nothing.</summary>
    private void Tell(Action<GossipNode, TimeSpan> what)
    {
        lock (_gate)
        {
            what(_node, Now);
            Perform(_trainerActions);
        }

        _trainerActions.Run(this);
    }

    /// <summary>As <see cref="Tell(Action{GossipNode, TimeSpan})"/>, and waits on the caller's thread for what the node decides.</summary>
    private Decision Ask(Action<GossipNode, TimeSpan> what)
    {
        _waiter.Reset();
        Tell(what);
        return WaitForDecision();
    }

    private void BeginWait(double loss)
    {
        _waiter.Reset();
        lock (_gate)
        {
            _node.UpdateWait(Now, loss);
            Perform(_trainerActions);
        }

        _trainerActions.Run(this);
    }

    private Decision WaitForDecision()
    {
        // The deadline must hold even while the thread pool, which runs the timer, is busy with somebody's work: this thread looks at the time itself.
        while (!_waiter.Wait(UntilDeadline()))
            Tick();
        return _node.Decision;
    }

    /// <summary>How long until the exchange has something to decide; bounded, because the system's timers do not take more than some weeks.</summary>
    private TimeSpan UntilDeadline()
    {
        var atMost = TimeSpan.FromHours(1);
        var atLeast = TimeSpan.FromMilliseconds(1);
        lock (_gate)
        {
            TimeSpan left = (_node.ExchangeDeadline - Now) ?? atMost;
            return left < atLeast ? atLeast : left > atMost ? atMost : left;
        }
    }
}
