using Dpwa.Simulation.Network;
using Dpwa.Simulation.Problems;

namespace Dpwa.Simulation.Runs;

/// <summary>When a step's gradient is applied.</summary>
public enum StepOrder
{
    /// <summary>Between <c>UpdateSend</c> and <c>UpdateWait</c>, while the exchange is under way: as in production, and the default.</summary>
    DuringFetch,

    /// <summary>Before <c>UpdateSend</c>: what is published has the step in it, and nothing changes the model until it is mixed.</summary>
    BeforeSend,
}

/// <summary>Who begins exchanges.</summary>
public enum Pace
{
    /// <summary>Every node, in each of its steps: the default.</summary>
    Free,

    /// <summary>One random node a round; all others only publish, and mix what they are offered. Needs topology random.</summary>
    OnePair,
}

/// <summary>The first <paramref name="Count"/> nodes take <paramref name="Slowdown"/> times as long for a step.</summary>
/// <param name="Count">How many.</param>
/// <param name="Slowdown">How many times as long, at least 1.</param>
public sealed record Stragglers(int Count, double Slowdown);

/// <summary>In each round a node that is up is killed with a chance of <paramref name="Rate"/>, and started again after <paramref name="DownRounds"/> rounds, with its model as it was.</summary>
/// <param name="Rate">The chance in [0, 1].</param>
/// <param name="DownRounds">How many rounds it is down, at least 1.</param>
public sealed record Churn(double Rate, int DownRounds = 3);

/// <summary>What is simulated. A round is the time of one step of a node that is not slowed.</summary>
public sealed record SimulationSettings
{
    /// <summary>The cluster: its nodes and the method, as every node has them. The seed in it is replaced by that of the repetition.</summary>
    public required DpwaOptions Options { get; init; }

    /// <summary>The baseline in place of a gossip method: after every step the mean of all nodes replaces each model, so each step lasts as long as the slowest node's, and what an all-reduce
    /// takes: 2·(N−1)/N of the parameters over each link and 2·log2 N latencies. It knows no failures.</summary>
    public bool AllReduce { get; init; }

    /// <summary>What is learnt (consensus).</summary>
    public ProblemSettings Problem { get; init; } = new();

    /// <summary>How many rounds (50), at least 1.</summary>
    public int Rounds { get; init; } = 50;

    /// <summary>How many times, each with other chance (1).</summary>
    public int Repeat { get; init; } = 1;

    /// <summary>The source of all chance (1).</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How long a step takes (1 s).</summary>
    public TimeSpan StepTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Nodes that are slow (none).</summary>
    public Stragglers? Stragglers { get; init; }

    /// <summary>When a step's gradient is applied.</summary>
    public StepOrder StepOrder { get; init; }

    /// <summary>Who begins exchanges.</summary>
    public Pace Pace { get; init; }

    /// <summary>What is between the nodes. Its round is <see cref="StepTime"/>, whatever it says.</summary>
    public VirtualNetworkSettings Network { get; init; } = new();

    /// <summary>Nodes that die and come back (none).</summary>
    public Churn? Churn { get; init; }

    internal TimeSpan StepTimeOf(int node) => Stragglers is { } slow && node < slow.Count ? StepTime * slow.Slowdown : StepTime;
}
