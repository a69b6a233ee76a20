using Dpwa.Simulation;
using Dpwa.Simulation.Network;
using Dpwa.Simulation.Problems;
using Dpwa.Simulation.Runs;

namespace Dpwa.Tests.Simulation;

/// <summary>The training loop on virtual time.</summary>
public class SimulatorTests
{
    private static readonly SimulationSettings Settings = Simulations.Of(new(), nodes: 8, rounds: 20);

    [Fact]
    public void The_same_seed_gives_the_same_trace_and_another_seed_another()
    {
        Assert.Equal(Simulator.Run(Settings).TraceHash, Simulator.Run(Settings).TraceHash);
        Assert.NotEqual(Simulator.Run(Settings).TraceHash, Simulator.Run(Settings with { Seed = 2 }).TraceHash);
        SimulationResult twice = Simulator.Run(Settings with { Repeat = 2 });
        Assert.NotEqual(twice.Runs[0].TraceHash, twice.Runs[1].TraceHash);
        Assert.Equal(twice.Runs[0].TraceHash, Simulator.Run(Settings).TraceHash);
    }

    [Fact]
    public void Nodes_of_equal_speed_stay_in_step_by_themselves()
    {
        SimulationResult result = Simulator.Run(Settings);
        Assert.Equal([.. Enumerable.Range(0, 21).Select(round => 8.0 * round)], result.Rounds.Select(f => f.Steps));
        Assert.Equal(64.0 * 20, result.Rounds[^1].BytesPerNode);
        Assert.Equal(20, result.Rounds[^1].Time);
    }

    [Fact]
    public void A_slow_node_slows_down_all_of_an_all_reduce_and_only_itself_in_gossip()
    {
        SimulationSettings slow = Settings with { Rounds = 100, Stragglers = new(1, 10), Problem = new() { Kind = ProblemKind.Quadratic } };
        Assert.Equal(7.1, Simulator.Run(slow).StepsPerSecond, 0.001);
        Assert.Equal(0.8, Simulator.Run(slow with { AllReduce = true }).StepsPerSecond, 0.001);
    }

    [Fact]
    public void An_all_reduce_waits_for_the_slowest_link_and_gossip_does_not()
    {
        // A model takes a tenth of a second on the median link.
        SimulationSettings settings = Settings with { Problem = new() { Dimension = 1000 }, Network = new() { BytesPerSecond = RateDistribution.LogNormal(40_000, 2) } };
        SimulationResult gossip = Simulator.Run(settings);
        Assert.Equal(gossip.TraceHash, Simulator.Run(settings).TraceHash);
        Assert.NotEqual(gossip.TraceHash, Simulator.Run(settings with { Network = new() { BytesPerSecond = RateDistribution.Constant(40_000) } }).TraceHash);
        int seed = (int)(Dpwa.Data.KeyedPermutation.Key(settings.Seed, 0) >> 33);
        double slowest = Enumerable.Range(0, 8).Min(node => settings.Network.BytesPerSecond!.Of(node, seed));
        SimulationResult barrier = Simulator.Run(settings with { AllReduce = true });
        Assert.Equal(20 * (1 + 2 * 7.0 / 8 * 4032 / slowest + 0.006), barrier.Rounds[^1].Time, 0.001);
    }

    [Fact]
    public void An_all_reduce_is_the_exact_mean_after_one_step()
    {
        SimulationResult result = Simulator.Run(Settings with { AllReduce = true });
        Assert.True(result.Rounds[0].ConsensusDistance > 1);
        Assert.True(result.Rounds[1].ConsensusDistance < 1e-12);
        Assert.True(result.Rounds[1].Loss < 1e-12);
        Assert.Equal(2 * 7.0 / 8 * 64, result.Rounds[1].BytesPerNode, 9);
    }

    [Fact]
    public void Nodes_that_die_take_no_steps_and_come_back()
    {
        SimulationResult result = Simulator.Run(Settings with { Rounds = 200, Churn = new(0.05, DownRounds: 5) });

        // Up for 1/0.05 = 20 rounds on average, down for 5.
        double up = result.Rounds[^1].Steps / (8 * 200);
        Assert.InRange(up, 0.65, 0.92);
        Assert.True(result.Rounds[^1].Steps > result.Rounds[^30].Steps);
        Assert.Equal(8, result.Rounds[0].Up);
        Assert.InRange(result.Rounds.Average(f => f.Up), 0.65 * 8, 0.92 * 8);
    }

    [Fact]
    public void Nodes_are_together_when_the_variance_of_those_that_are_up_is_low()
    {
        var result = new SimulationResult([new(0, [new() { Round = 0, ConsensusDistance = 8, Up = 8 }, new() { Round = 1, ConsensusDistance = 0.5, Up = 1 }, new() { Round = 2, ConsensusDistance = 0.5, Up = 8 }])]);
        Assert.Equal(2, result.RoundsUntil(0.1));
        Assert.Null(result.RoundsUntil(0.01));
    }

    [Fact]
    public void Who_has_not_ended_a_step_publishes_the_loss_of_its_start()
    {
        // All begin alike, so their losses are equal and the factor of the first round is one half; a loss of 0 would have everybody copy its peer.
        SimulationSettings constant = Settings with { Rounds = 1, Problem = new() { Kind = ProblemKind.Quadratic, Dimension = 64 } };
        SimulationSettings byLoss = constant with { Options = constant.Options with { Interpolation = "loss" } };
        Assert.Equal(Simulator.Run(constant).Rounds[1].ConsensusDistance, Simulator.Run(byLoss).Rounds[1].ConsensusDistance, 1e-5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_workers_loss_goes_on_from_the_start(bool allReduce)
    {
        // Without noise x shrinks by a tenth a step, and a loss is taken before the step; the slow node has that of its start until round 10.
        SimulationSettings slow = Settings with { AllReduce = allReduce, Stragglers = new(1, 10), Problem = new() { Kind = ProblemKind.Quadratic, Noise = 0 } };
        double[] losses = [.. Simulator.Run(slow with { Options = slow.Options with { FetchProbability = 0 } }).Rounds.Select(f => f.WorkerLoss)];
        Assert.Equal([0.5, 0.5], losses[..2]);
        double second = Math.Pow(0.9, 2) / 2;
        Assert.Equal(allReduce ? second : (7 * second + 0.5) / 8, losses[2], 1e-6);
        Assert.All(losses.Zip(losses.Skip(1)), pair => Assert.InRange(pair.Second, 0.8 * pair.First, pair.First + 1e-9));
    }

    [Fact]
    public void Only_one_node_a_round_exchanges_when_told_so()
    {
        SimulationResult result = Simulator.Run(Settings with { Pace = Pace.OnePair });
        Assert.Equal(20 * 64.0 / 8, result.Rounds[^1].BytesPerNode);
    }

    [Theory]
    [InlineData(ProblemKind.Quadratic)]
    [InlineData(ProblemKind.Logistic)]
    public void Training_lowers_the_loss(ProblemKind kind)
    {
        SimulationSettings settings = Settings with { Rounds = 60, Options = new DpwaOptions { Apply = ApplyForm.Delta }.Nodes(8), Problem = new() { Kind = kind, Noise = 0.1 } };
        SimulationResult result = Simulator.Run(settings);
        Assert.True(result.Rounds[^1].Loss < result.Rounds[0].Loss / 2, $"{result.Rounds[0].Loss} -> {result.Rounds[^1].Loss}");
    }

    [Fact]
    public void Nodes_with_few_labels_each_learn_all_of_them_by_exchanging_and_not_alone()
    {
        SimulationSettings settings = Settings with { Rounds = 100, Problem = new() { Kind = ProblemKind.Logistic, NonIid = true }, Options = new DpwaOptions { Apply = ApplyForm.Delta }.Nodes(8) };
        RoundFigures together = Simulator.Run(settings).Rounds[^1];
        RoundFigures alone = Simulator.Run(settings with { Options = settings.Options with { FetchProbability = 0 } }).Rounds[^1];
        Assert.True(together.ConsensusDistance < alone.ConsensusDistance / 3, $"{together} against {alone}");

        // Nodes that exchange are near their mean, so its loss on all labels is theirs.
        Assert.True(together.Loss < alone.Loss, $"{together} against {alone}");
        Assert.True(together.Loss < Math.Log(10) / 2, $"{together}");
    }

    [Fact]
    public void All_plans_are_checked_before_any_runs()
    {
        SimulationSettings wrong = Settings with { Stragglers = new(9, 2) };
        var begun = new List<string>();
        PlannedSimulation[] plans = [new("dpwa", "random", Settings, null, "right"), new("dpwa", "random", wrong, null, "wrong")];
        Assert.Throws<SimulationException>(() => SimulationPlan.Run(plans, TimeProvider.System, plan => begun.Add(plan.Name)));
        Assert.Empty(begun);
    }

    [Fact]
    public void What_does_not_go_together_is_said()
    {
        Assert.Throws<SimulationException>(() => Simulator.Run(Settings with { Stragglers = new(9, 2) }));
        Assert.Throws<SimulationException>(() => Simulator.Run(Settings with { Rounds = 0 }));
        Assert.Throws<SimulationException>(() => Simulator.Run(Settings with { Network = new() { Partitions = [new(0, 8, TimeSpan.Zero, TimeSpan.FromSeconds(1))] } }));
        Assert.Throws<DpwaConfigurationException>(() => Simulator.Run(Simulations.Of(new() { Topology = Topology.Hypercube }, nodes: 3, rounds: 1)));
    }
}
