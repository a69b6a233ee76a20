namespace Dpwa.Simulation.Runs;

/// <summary>The training loop of one node: publish, train, wait, again. What it asks to be called back with is made once, not for each step.</summary>
internal sealed class SimulatedWorker
{
    private readonly GossipRun _run;
    private readonly TimeSpan _stepTime;
    private readonly Action _begin;
    private readonly Action<UpdateResult> _mixed;
    private Action _end;

    public SimulatedWorker(GossipRun run, int node, TimeSpan stepTime)
    {
        (_run, Node, _stepTime) = (run, node, stepTime);
        _begin = Begin;
        _mixed = Mixed;
        _end = null!;
        NewLife();
    }

    public int Node { get; }

    /// <summary>The round from which on it is up again; null while it is up.</summary>
    public int? DownUntil { get; private set; }

    public void Start() => _run.Cluster.At(_run.Cluster.Now, EventPhase.Send, _begin);

    public void Kill(int until)
    {
        _run.Cluster.Kill(Node);
        DownUntil = until;
        NewLife();
    }

    public void Restart()
    {
        _run.Cluster.Restart(Node);
        DownUntil = null;
        Start();
    }

    private void Begin()
    {
        if (DownUntil is not null)
            return;
        if (_run.StepsBeforeSend)
            _run.Train(Node);
        _run.Send(Node);
        _run.Cluster.At(_run.Cluster.Now + _stepTime, EventPhase.Wait, _end);
    }

    /// <summary>The end of a step that a former life began finds another one here, and is nobody's.</summary>
    private void NewLife()
    {
        Action end = null!;
        end = () =>
        {
            if (_end == end)
                End();
        };
        _end = end;
    }

    private void End()
    {
        if (!_run.StepsBeforeSend)
            _run.Train(Node);
        _run.Wait(Node, _mixed);
    }

    private void Mixed(UpdateResult result)
    {
        _run.Steps++;
        Start();
    }
}
