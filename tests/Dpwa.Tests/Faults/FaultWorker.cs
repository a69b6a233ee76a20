namespace Dpwa.Tests.Faults;

/// <summary>The training loop of one worker: publish, train, wait, again; through lives and pauses.</summary>
internal sealed class FaultWorker
{
    private readonly FaultRun _run;
    private readonly Queue<Action> _held = new();
    private int _life;
    private int _stepsLeft;
    private double[] _values;
    private double _tag;
    private TimeSpan _sentAt;
    private TimeSpan _frozenSince;
    private TimeSpan _frozen;
    private bool _isBusy;
    private bool _hasBegunAgain;

    public FaultWorker(FaultRun run, int node, int steps)
    {
        (_run, Node, _stepsLeft) = (run, node, steps);
        _values = [.. run.Tags.Blocks.Select((_, b) => 1 + 3 * node + 0.1 * b + run.Draw())];
        run.Tags.Write(run.Cluster.Model(node), _values);
        _values = run.Tags.Read(run.Cluster.Model(node), node);
    }

    public int Node { get; }

    public bool IsDown { get; private set; }

    public bool IsFrozen { get; private set; }

    /// <summary>Whether it has averaged since it first began again.</summary>
    public bool HasExchanged { get; private set; }

    public bool HasEnded => !IsDown && !IsFrozen && !_isBusy && _stepsLeft == 0;

    public void Begin(TimeSpan delay)
    {
        _isBusy = true;
        Do(delay, Send);
    }

    public void BeginAgain(int steps)
    {
        HasExchanged &= _hasBegunAgain;
        (_stepsLeft, _hasBegunAgain) = (steps, true);
        Begin(_run.Seconds(0.01));
    }

    public void Died()
    {
        (IsDown, IsFrozen, _isBusy) = (true, false, false);
        _life++;
        _held.Clear();
    }

    public void Restarted()
    {
        IsDown = false;
        _stepsLeft = Math.Max(1, _stepsLeft);
        _isBusy = true;
        Do(_run.Seconds(0.1), _run.Scenario.Bootstraps ? () => _run.Bootstrap(this, Send) : Send);
    }

    public void Pause(TimeSpan now) => (IsFrozen, _frozenSince) = (true, now);

    /// <summary>A pause ends: its time is nobody's.</summary>
    public void Account(TimeSpan now) => _frozen += now - _frozenSince;

    public void GoOn()
    {
        IsFrozen = false;
        while (!IsFrozen && _held.TryDequeue(out Action? action))
            action();
    }

    /// <summary>Something else than a step has changed the model, and has been judged.</summary>
    public void Knows(double[] values) => _values = values;

    /// <summary>Mixes what was offered after the last step.</summary>
    public void Drain()
    {
        _isBusy = true;
        Wait();
        if (_isBusy)
            throw new FaultViolation($"w{Node} waits although nothing is under way");
    }

    private void Do(TimeSpan delay, Action action)
    {
        int life = _life;
        _run.Cluster.After(delay, () => Enter(life, action));
    }

    private void Enter(int life, Action action)
    {
        if (life != _life)
            return;
        if (IsFrozen)
            _held.Enqueue(() => Enter(life, action));
        else
            action();
    }

    private void Send()
    {
        _stepsLeft--;
        _run.Counts.Steps++;
        if (!_run.Tags.Read(_run.Cluster.Model(Node), Node).AsSpan().SequenceEqual(_values))
            throw new FaultViolation($"the model of w{Node} has changed, and nobody has mixed");
        if (_run.Draw() < 0.5)
            Train();
        _tag = _run.Publish(this);
        (_sentAt, _frozen) = (_run.Cluster.Now, TimeSpan.Zero);
        Do(_run.Seconds(_run.Draw() < 0.3 ? 0.5 : 0.05), End);
    }

    private void End()
    {
        if (_run.Draw() < 0.5)
            Train();
        Wait();
    }

    private void Wait()
    {
        NodeState before = _run.StateOf(Node);
        (TimeSpan start, TimeSpan frozen, int life) = (_run.Cluster.Now, _frozen, _life);
        _run.Cluster.UpdateWait(Node, _tag, result => Waited(life, before, start, frozen, result));
    }

    private void Waited(int life, NodeState before, TimeSpan start, TimeSpan frozen, UpdateResult result)
    {
        if (life != _life || !_isBusy)
            throw new FaultViolation($"w{Node} is answered twice, or after its end");
        TimeSpan due = _sentAt + _run.Scenario.Options.EffectiveDeadline;
        TimeSpan allowed = (due > start ? due - start : TimeSpan.Zero) + (_frozen - frozen);
        if (_run.Cluster.Now - start > allowed)
            throw new FaultViolation($"UpdateWait held w{Node} for {(_run.Cluster.Now - start).TotalMilliseconds} ms, and {allowed.TotalMilliseconds} ms were left until the deadline");
        _run.Judge(this, before, _tag, result);
        HasExchanged |= result.Outcome == UpdateOutcome.Averaged;
        _values = _run.Tags.Read(_run.Cluster.Model(Node), Node);
        _isBusy = _stepsLeft > 0;
        if (_isBusy)
            Do(_run.Seconds(0.02), Send);
    }

    /// <summary>A step towards nowhere in particular, by as much as nobody else's.</summary>
    private void Train()
    {
        double[] values = [.. _values.Select(value => value + 0.1 * (6 - value) + _run.Draw() - 0.5)];
        _run.Tags.Write(_run.Cluster.Model(Node), values);
        _values = _run.Tags.Read(_run.Cluster.Model(Node), Node);
    }
}
