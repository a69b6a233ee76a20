using Dpwa.Simulation.Problems;

namespace Dpwa.Simulation.Runs;

/// <summary>One repetition of a gossip method: every node runs the training loop on virtual time, as fast as it can, without a barrier.</summary>
internal sealed class GossipRun
{
    private readonly SimulationSettings _settings;
    private readonly int _seed;
    private readonly IProblem _problem;
    private readonly VirtualCluster _cluster;
    private readonly OnePairSelector? _onePair;
    private readonly SimulatedWorker[] _workers;
    private readonly double[] _losses;
    private readonly Ensemble _ensemble;
    private readonly List<RoundFigures> _rounds = [];
    private readonly List<int> _up = [];

    public GossipRun(SimulationSettings settings, int seed)
    {
        _settings = settings;
        _seed = seed;
        int nodes = settings.Options.Nodes.Count;
        _problem = settings.Problem.Create(nodes, seed);
        DpwaOptions options = settings.Options with { Seed = seed };
        if (settings.Pace == Pace.OnePair)
        {
            _onePair = new OnePairSelector();
            options = options with { Selector = OnePairSelector.SelectorName, Extensions = options.Extensions.Add(_onePair) };
        }

        _cluster = new VirtualCluster(options, ParameterLayout.Flat(_problem.Dimension), seed, settings.Network with { Round = settings.StepTime });
        _ensemble = new Ensemble(_problem);
        _workers = [.. Enumerable.Range(0, nodes).Select(node => new SimulatedWorker(this, node, settings.StepTimeOf(node)))];
        for (int node = 0; node < nodes; node++)
            _problem.Start(node, Model(node));
        _losses = _ensemble.Losses(Model, nodes);
    }

    /// <summary>The steps that all nodes have ended.</summary>
    public long Steps { get; set; }

    public VirtualCluster Cluster => _cluster;

    public bool StepsBeforeSend => _settings.StepOrder == StepOrder.BeforeSend;

    public SimulationRun Run(CancellationToken ct)
    {
        Look();
        foreach (SimulatedWorker worker in _workers)
            worker.Start();
        _cluster.At(_settings.StepTime, EventPhase.Between, EndRound);
        for (long events = 0; _rounds.Count <= _settings.Rounds && _cluster.RunNext(); events++)
        {
            if ((events & 0xFFF) == 0)
                ct.ThrowIfCancellationRequested();
        }

        return new(_cluster.TraceHash, _rounds);
    }

    /// <summary>A node publishes, and begins its exchange if it is its turn.</summary>
    public void Send(int node)
    {
        if (_onePair is null)
        {
            _cluster.UpdateSend(node, _losses[node]);
            return;
        }

        long round = (long)Math.Round(_cluster.Now / _settings.StepTime);
        _onePair.IsOpen = (int)(NormalStream.Uniform(_seed, -3, round) * _workers.Length) == node;
        _cluster.UpdateSend(node, _losses[node]);
        _onePair.IsOpen = false;
    }

    /// <summary>A node's training step.</summary>
    /// <exception cref="SimulationDivergedException">The method needs the loss, and it is no number any more.</exception>
    public void Train(int node)
    {
        double loss = _losses[node] = _problem.Step(node, Model(node));
        if (!double.IsFinite(loss) && (_settings.Options.Interpolation == "loss" || _settings.Options.DivergenceThreshold > 0))
            throw new SimulationDivergedException($"the loss of {_settings.Options.Nodes[node].Name} is {loss} in round {_rounds.Count}, and its factor needs it: a smaller learning rate may help");
    }

    /// <summary>A node waits for its exchange.</summary>
    public void Wait(int node, Action<UpdateResult> then) => _cluster.UpdateWait(node, _losses[node], then);

    private Span<float> Model(int node) => _cluster.Model(node).Values();

    private void EndRound()
    {
        Look();
        ChangeWhoIsUp(_rounds.Count - 1);
        _cluster.At(_settings.StepTime * _rounds.Count, EventPhase.Between, EndRound);
    }

    private void Look()
    {
        _up.Clear();
        foreach (SimulatedWorker worker in _workers)
        {
            if (worker.DownUntil is null)
                _up.Add(worker.Node);
        }

        var figures = new RoundFigures { Round = _rounds.Count, Time = _cluster.Now.TotalSeconds, BytesPerNode = (double)_cluster.BytesSent / _workers.Length, Steps = Steps };
        _rounds.Add(_up.Count > 0 ? _ensemble.Look(Model, _up, _losses, figures) : _rounds[^1] with { Round = figures.Round, Time = figures.Time });
    }

    private void ChangeWhoIsUp(int round)
    {
        if (_settings.Churn is not { } churn)
            return;
        foreach (SimulatedWorker worker in _workers)
        {
            if (worker.DownUntil is null && NormalStream.Uniform(_seed, -4, round, worker.Node) < churn.Rate)
                worker.Kill(round + churn.DownRounds);
            else if (worker.DownUntil <= round)
                worker.Restart();
        }
    }
}
