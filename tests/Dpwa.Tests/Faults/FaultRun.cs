using Dpwa.Averaging;
using Dpwa.Forms;
using Dpwa.Protocol;
using Dpwa.Simulation;
using Dpwa.Simulation.Faults;

namespace Dpwa.Tests.Faults;

/// <summary>What a run has come to.</summary>
internal sealed record FaultReport(FaultScenario Scenario, FaultCounts Counts, ulong Trace, string? Violation, List<string> Log);

/// <summary>
/// Workers that train in virtual time while a plan has things go wrong, and judges that look on after every event. When the trouble ends the cluster has to come to rest, with nothing held, and then to work as if
/// nothing had been.
/// </summary>
internal sealed class FaultRun : INetworkFaults
{
    /// <summary>Longer than any back-off and any quarantine that the scenarios have.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(50);
    private static readonly TimeSpan TooLong = TimeSpan.FromMinutes(10);

    private const int Endless = 10_000;

    private readonly IFaultPlan _plan;
    private readonly List<string>? _log;
    private readonly Random _random;
    private readonly MixJudge _mixes;
    private readonly OfferJudge _offers;
    private readonly WeightJudge? _weights;
    private readonly FaultWorker[] _workers;
    private readonly ulong[] _lives;
    private readonly List<(int From, int To, bool BothWays)> _cuts = [];
    private ulong _lastLife;
    private double _lastTag;
    private int _ends;
    private TimeSpan _now;
    private int _atOnce;
    private bool _isCalm;

    /// <summary>Where limits are set, nodes that have drifted apart or rested for long may refuse each other for good reason.</summary>
    private bool MayBeLonely => Scenario.Options is { MaxDeltaNorm.Excess: DeltaExcess.Reject } or { MaxStaleness: not null };

    public FaultRun(FaultScenario scenario, IFaultPlan plan, List<string>? log)
    {
        scenario.Options.Validate();
        (Scenario, _plan, _log) = (scenario, plan, log);
        _random = new Random(scenario.Seed * 31 + 7);
        Tags = new TaggedModel(scenario.Layout);
        Cluster = new VirtualCluster(scenario.Options, scenario.Layout, scenario.Seed, scenario.Network) { Faults = this };
        _lives = [.. Enumerable.Range(0, scenario.Nodes).Select(_ => ++_lastLife)];
        _mixes = new MixJudge(scenario, Tags);
        _offers = new OfferJudge(scenario);
        _weights = scenario.Options.Exchange == ExchangeKind.PushSum ? new WeightJudge(scenario, _offers, i => _workers![i].IsDown ? null : Cluster.Node(i), _lives) : null;
        _workers = [.. Enumerable.Range(0, scenario.Nodes).Select(i => new FaultWorker(this, i, scenario.Steps))];
    }

    public FaultScenario Scenario { get; }

    public VirtualCluster Cluster { get; }

    public TaggedModel Tags { get; }

    public FaultCounts Counts { get; } = new();

    /// <summary>For mutants of what a run may come to: called for each node when it has mixed, before anybody looks.</summary>
    public Action<FaultRun, int>? HasMixed { get; init; }

    public static FaultReport Of(int seed, bool log = false)
    {
        FaultScenario scenario = FaultScenario.Draw(seed);
        return Of(scenario, new SeededFaults(scenario), log);
    }

    /// <summary>Runs, and when something is wrong runs again to say how it came to that: what happens depends on the scenario and the plan alone.</summary>
    public static FaultReport Of(FaultScenario scenario, IFaultPlan plan, bool log)
    {
        List<string>? lines = log ? [] : null;
        FaultRun? run = null;
        string? violation = null;
        try
        {
            run = new FaultRun(scenario, plan, lines);
            run.Run();
        }
        catch (Exception e)
        {
            violation = e is FaultViolation ? e.Message : e.ToString();
        }

        return new(scenario, run?.Counts ?? new(), run?.Cluster.TraceHash ?? 0, violation, lines ?? []);
    }

    public void Run()
    {
        foreach (FaultWorker worker in _workers)
            worker.Begin(Seconds(0.2));
        foreach (Disturbance disturbance in SeededFaults.Disturbances(Scenario))
        {
            _ends++;
            Cluster.At(disturbance.At, EventPhase.Between, () => Begin(disturbance));
        }

        RunUntil(() => _ends == 0 && _workers.All(w => w.HasEnded));
        if (Scenario.EndsMerged)
            Merge();
        _isCalm = true;
        ComeToRest();

        // The trouble is over: everybody works with the others again, and what is in limbo is asked for. A deadline may still have to pass, so it need not be at the first try.
        var limbo = InLimbo().ToHashSet();
        _offers.TakenUp.Clear();
        for (int tries = 3; ; tries--)
        {
            foreach (FaultWorker worker in _workers)
                worker.BeginAgain(Scenario.CalmSteps * Scenario.Options.ExchangeEvery);
            RunUntil(() => _workers.All(w => w.HasEnded));
            ComeToRest();
            FaultWorker? lonely = MayBeLonely ? null : _workers.FirstOrDefault(w => !w.HasExchanged && !_offers.TakenUp.Contains(w.Node));
            bool isSettled = !limbo.Overlaps(InLimbo());
            if (lonely is null && isSettled)
                return;
            if (tries == 0)
                throw new FaultViolation(isSettled ? $"w{lonely!.Node} exchanges with nobody any more, although nothing goes wrong" : "weight stays in limbo although those who were to take it are well");
        }
    }

    public void Note(string what) => _log?.Add($"{Cluster.Now.TotalMilliseconds,10:0.000} ms  {what}");

    public bool Notes => _log is not null;

    public TimeSpan Seconds(double most) => TimeSpan.FromSeconds(most * _random.NextDouble());

    public double Draw() => _random.NextDouble();

    public T Fault<T>(FaultKind kind, T fate)
    {
        Counts.Add(kind);
        return fate;
    }

    FrameFate INetworkFaults.OnFrame(TimeSpan now, int from, int to, in MessageHeader header)
    {
        _offers.Sent(from, to, header);
        long length = MessageHeader.Size + (header.BodyLength > 0 ? (long)header.BodyLength + MessageHeader.TrailerSize : 0);
        FrameFate fate = _isCalm ? default : _plan.OnFrame(this, from, to, header, length);
        if (_cuts.Exists(cut => (cut.From, cut.To) == (from, to) || (cut.BothWays && (cut.To, cut.From) == (from, to))))
            fate = fate with { IsSilent = true };
        if (Notes)
            Note($"w{from} → w{to} {header.Type} {header.Request}{(header.Reason == RefusalReason.None ? "" : $" {header.Reason}")}{(header.Type is MessageType.Receipt ? $" fate {header.Flags}" : "")}{(fate == default ? "" : $"   {Words(fate)}")}");
        return fate;
    }

    ConnectFate INetworkFaults.OnConnect(TimeSpan now, int from, int to)
    {
        ConnectFate fate = _isCalm ? default : _plan.OnConnect(this, from, to);
        if (_cuts.Exists(cut => (cut.From, cut.To) == (from, to) || (cut.To, cut.From) == (from, to)))
            fate = new(ConnectOutcome.Unanswered, default);
        if (Notes)
            Note($"w{from} → w{to} connects{(fate == default ? "" : $"   {fate.Outcome} {fate.Delay.TotalMilliseconds:0.###} ms")}");
        return fate;
    }

    /// <summary>A step of a worker begins: something is published, or not.</summary>
    public double Publish(FaultWorker worker)
    {
        double tag = ++_lastTag;
        int node = worker.Node;
        if (Cluster.UpdateSend(node, tag))
            _mixes.Published(new(node, (int)_lives[node], tag, StateOf(node), Cluster.Now));
        if (Notes)
            Note($"w{node} begins step {Cluster.Node(node).Round} as {tag}");
        return tag;
    }

    /// <summary>A worker has what it waited for.</summary>
    public void Judge(FaultWorker worker, NodeState before, double loss, in UpdateResult result)
    {
        int node = worker.Node;
        HasMixed?.Invoke(this, node);
        NodeState after = StateOf(node);
        if (Notes)
            Note($"w{node} {result.Outcome} {result.Peer} by {result.Factor:0.###}{(result.Incoming is { } i ? $", incoming {i.Peer} by {i.Factor:0.###}" : "")}: {after.Values[0]:0.#####} {result.Reason}");
        List<double> tags = _mixes.Check(node, before, after, loss, result, _offers.Current(node)?.Weight ?? 0);
        _offers.Mixed(node, tags, result.Incoming is not null);
        Counts.Mixes += tags.Count;
    }

    public NodeState StateOf(int node)
    {
        OuterOptimizerState? outer = (Cluster.Form(node) as OuterForm)?.Export();
        GossipNode machine = Cluster.Node(node);
        return new(Tags.Read(Cluster.Model(node), node), outer is null ? null : Tags.Read(outer.Slow, node), outer is null ? null : Tags.Read(outer.Momentum, node), machine.Clock, machine.Weight);
    }

    /// <summary>A new life begins with the model of a peer, if there is one: all of it, or nothing.</summary>
    public void Bootstrap(FaultWorker worker, Action then)
    {
        int node = worker.Node;
        ulong life = _lives[node];
        NodeState before = StateOf(node);
        Cluster.Bootstrap(node, Seconds(2), result =>
        {
            if (life != _lives[node] || worker.IsDown)
                throw new FaultViolation($"a life of w{node} that has ended was given a model");
            NodeState after = StateOf(node);
            Note($"w{node} begins with {result.Peer ?? "what it has"}: {result.Reason}");
            _mixes.CheckBootstrap(node, before, after, result);
            Counts.Bootstraps += result.HasModel ? 1 : 0;
            worker.Knows(after.Values);
            then();
        });
    }

    public void Kill(int node, bool silently)
    {
        _weights?.Dies(node);
        _offers.Died(node);
        Cluster.Kill(node, silently);
        _workers[node].Died();
    }

    public void Restart(int node)
    {
        _lives[node] = ++_lastLife;
        Cluster.Restart(node);
        _weights?.Began();
        _workers[node].Restarted();
    }

    public void Pause(int node, TimeSpan time)
    {
        FaultWorker worker = _workers[node];
        Cluster.Freeze(node, true);
        worker.Pause(Cluster.Now);
        ulong life = _lives[node];
        Cluster.After(time, () =>
        {
            if (_lives[node] != life || worker.IsDown)
                return;
            worker.Account(Cluster.Now);
            Cluster.Freeze(node, false);
            worker.GoOn();
        });
    }

    public bool IsUp(int node) => !_workers[node].IsDown;

    private IEnumerable<(int Node, ulong Peer, ulong Request)> InLimbo() => _workers.SelectMany(w => Cluster.Node(w.Node).InLimbo.Select(limbo => (w.Node, limbo.Peer, limbo.Request)));

    private void Begin(Disturbance it)
    {
        bool happens = it.Kind is FaultKind.OneWayCut or FaultKind.Partition || (!_workers[it.Node].IsDown && !(it.Kind == FaultKind.Pause && _workers[it.Node].IsFrozen));
        if (happens)
            Counts.Add(it.Kind);
        Note($"{it.Kind} of w{it.Node}{(happens ? "" : " (it cannot be)")} for {it.For.TotalMilliseconds:0.###} ms, w{it.Other}");
        (int, int, bool) cut = (it.Node, it.Other, it.Kind == FaultKind.Partition);
        if (it.Kind is FaultKind.OneWayCut or FaultKind.Partition)
            _cuts.Add(cut);
        else if (happens && it.Kind == FaultKind.Pause)
            Pause(it.Node, it.For);
        else if (happens)
            Kill(it.Node, silently: it.Kind == FaultKind.PowerLoss);
        Cluster.After(it.For, () =>
        {
            _ends--;
            _cuts.Remove(cut);
            if (happens && it.Kind is FaultKind.Crash or FaultKind.PowerLoss)
                Restart(it.Node);
        });
    }

    private void Merge()
    {
        // Readers may hold every snapshot for a while: then the caller is told to try again.
        Pass(Scenario.Options.EffectiveDeadline + TimeSpan.FromSeconds(10));
        int left = _workers.Length;
        foreach (FaultWorker worker in _workers)
        {
            int node = worker.Node;
            TimeSpan wait = Seconds(3), start = Cluster.Now;
            double tag = ++_lastTag;
            NodeState before = StateOf(node);
            Cluster.FinalMerge(node, wait, merged =>
            {
                left--;
                if (Notes)
                    Note($"w{node} has merged with {merged.Merged}, missing {string.Join(' ', merged.Missing)}");
                NodeState after = StateOf(node);
                _mixes.CheckMerge(node, after, merged.Missing);
                worker.Knows(after.Values);
                if (Cluster.Now - start > wait + Scenario.Options.EffectiveDeadline)
                    throw new FaultViolation($"the final merge held w{node} for {(Cluster.Now - start).TotalMilliseconds} ms, with a wait of {wait.TotalMilliseconds} ms");
            }, tag);

            // An outer optimizer may begin only with what is published here.
            _mixes.PublishedFinal(new(node, (int)_lives[node], tag, before with { Clock = Cluster.Node(node).Clock, Slow = StateOf(node).Slow }, start));
        }

        RunUntil(() => left == 0);
    }

    /// <summary>Nothing new begins. What is under way ends, and then nothing may be held, or be due ever.</summary>
    private void ComeToRest()
    {
        Pass(Rest);
        foreach (FaultWorker worker in _workers)
            worker.Drain();
        foreach (FaultWorker worker in _workers)
        {
            int node = worker.Node;
            if (Cluster.Leases(node) is var leases && leases != 0)
                throw new FaultViolation($"w{node} holds {leases} buffers although nothing is under way");
            if (Cluster.Node(node).NextDeadline is { } due)
                throw new FaultViolation($"w{node} still expects something, at {due.TotalMilliseconds} ms, although nothing is under way");
        }
    }

    private void RunUntil(Func<bool> done)
    {
        TimeSpan end = Cluster.Now + TooLong;
        while (!done())
        {
            if (Cluster.Now > end || !Step())
                throw new FaultViolation($"there is no end: {string.Join(", ", _workers.Where(w => !w.HasEnded).Select(w => $"w{w.Node} waits"))}");
        }
    }

    private void Pass(TimeSpan time)
    {
        TimeSpan end = Cluster.Now + time;
        while (Cluster.NextEvent <= end)
            Step();
        Cluster.Run(end - Cluster.Now);
    }

    private bool Step()
    {
        if (!Cluster.RunNext())
            return false;
        Counts.Events++;
        (_now, _atOnce) = (Cluster.Now, _now == Cluster.Now ? _atOnce + 1 : 0);
        if (_atOnce > Endless)
            throw new FaultViolation("time stands still: the same things happen again and again");
        _weights?.Check();
        if (!_isCalm)
            _plan.AfterEvent(this);
        return true;
    }

    private static string Words(in FrameFate fate) =>
        $"{(fate.Delay > TimeSpan.Zero ? $"late {fate.Delay.TotalMilliseconds:0.###} ms " : "")}{(fate.PieceBytes > 0 ? $"in pieces of {fate.PieceBytes} " : "")}{(fate.CutAt is { } cut ? $"cut at byte {cut} " : "")}"
        + $"{(fate.FlippedBit is { } bit ? $"bit {bit} flipped " : "")}{(fate.IsSilent ? "silent " : "")}{(fate.IsLost ? "lost " : "")}{(fate.IsDoubled ? "doubled" : "")}";
}
