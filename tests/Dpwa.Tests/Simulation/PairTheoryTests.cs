using Dpwa.Simulation;
using Dpwa.Simulation.Runs;

namespace Dpwa.Tests.Simulation;

/// <summary>What theory predicts of pairs that exchange both ways, of schedules and of subsets, held against the production state machines.</summary>
public class PairTheoryTests
{
    private const int N = 8;

    private static readonly DpwaOptions Swap = GossipMethods.Options("ad-psgd");

    [Fact]
    public void One_random_pair_a_round_contracts_by_one_over_N_minus_1()
    {
        SimulationSettings settings = Simulations.Of(Swap, N, rounds: 20, dimension: 4) with { Pace = Pace.OnePair, Repeat = 100 };
        Estimate.AgreesWith(1 - 1.0 / (N - 1), Simulations.Factors(settings), sharpness: 0.03);
    }

    [Fact]
    public void A_random_matching_contracts_by_the_predicted_factor()
    {
        SimulationSettings settings = Simulations.Of(Swap with { Topology = Topology.Matching }, N, rounds: 8, dimension: 4) with { Repeat = 300 };
        Estimate.AgreesWith((N - 2) / (2.0 * (N - 1)), Simulations.Factors(settings), sharpness: 0.06);
    }

    [Fact]
    public void Swaps_conserve_the_mean()
    {
        SimulationResult result = Simulator.Run(Simulations.Of(Swap with { Topology = Topology.Matching }, N, rounds: 20, dimension: 4));
        Assert.All(result.Rounds, figures => Assert.True(figures.Loss < 1e-10, $"round {figures.Round}: {figures.Loss}"));
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(12, false)]
    public void The_exponential_graph_finds_the_exact_mean_of_a_power_of_two(int nodes, bool isExact)
    {
        SimulationResult result = Simulator.Run(Simulations.Of(new() { Topology = Topology.Exponential }, nodes, rounds: 4, dimension: 4));
        Assert.Equal(isExact, result.Rounds[4].ConsensusDistance < 1e-10);
        Assert.True(result.Rounds[3].ConsensusDistance > 1e-3);
    }

    [Fact]
    public void The_hypercube_finds_the_exact_mean()
    {
        SimulationResult result = Simulator.Run(Simulations.Of(Swap with { Topology = Topology.Hypercube }, nodes: 16, rounds: 4, dimension: 4));
        Assert.True(result.Rounds[4].ConsensusDistance < 1e-10);
        Assert.True(result.Rounds[4].Loss < 1e-10);
        Assert.True(result.Rounds[3].ConsensusDistance > 1e-3);
    }

    [Fact]
    public void Neighbours_on_a_ring_contract_by_the_predicted_factor_in_the_end()
    {
        const int nodes = 12;
        SimulationResult result = Simulator.Run(Simulations.Of(Swap with { Topology = Topology.Ring }, nodes, rounds: 40, dimension: 4));
        double factor = Math.Pow(result.Rounds[36].ConsensusDistance / result.Rounds[26].ConsensusDistance, 0.1);
        Assert.Equal(Math.Pow(Math.Cos(2 * Math.PI / nodes), 2), factor, 0.005);
    }

    [Theory]
    [InlineData(StepOrder.BeforeSend, ApplyForm.Delta, ExchangeKind.Swap, (N - 1.0) * (N - 2) / N)]
    [InlineData(StepOrder.DuringFetch, ApplyForm.Delta, ExchangeKind.Swap, 2.0 * (N - 1) * (N - 1) / N)]
    [InlineData(StepOrder.DuringFetch, ApplyForm.Parameters, ExchangeKind.Pull, (N - 1.0) * (N - 1) / (2 * N))]
    public void Noise_and_matching_swaps_come_to_a_steady_distance(StepOrder order, ApplyForm form, ExchangeKind exchange, double predicted)
    {
        // The parameters form of a swap is that both of a matched pair pull from each other.
        const double rate = 0.5;
        DpwaOptions options = new() { Exchange = exchange, Apply = form, Topology = Topology.Matching };
        SimulationSettings settings = Simulations.Of(options, N, rounds: 150) with { StepOrder = order, Problem = Simulations.Noise(dimension: 8, rate), Repeat = 20 };
        Estimate.AgreesWith(rate * rate * predicted, Simulations.Steady(settings, from: 30), sharpness: 0.06);
    }

    [Fact]
    public void Subsets_of_fraction_p_have_shown_1_minus_1_minus_p_to_the_n_after_n_rounds()
    {
        const double p = 0.05;
        const int rounds = 20, values = 100_000;
        var shares = new List<double>();
        for (int seed = 0; seed < 20; seed++)
        {
            var cluster = new VirtualCluster(new DpwaOptions { Subset = p, Seed = seed }.Nodes(2), ParameterLayout.Flat(values), seed);
            for (int round = 0; round < rounds; round++)
            {
                cluster.Model(1).Values().Fill(1);
                cluster.UpdateSend(0, 1);
                cluster.UpdateSend(1, 1);
                Assert.Equal(UpdateOutcome.Averaged, cluster.UpdateWait(0, 1).Outcome);
                cluster.UpdateWait(1, 1);
            }

            int seen = 0;
            foreach (float value in cluster.Model(0).Values())
                seen += value == 0 ? 0 : 1;
            shares.Add((double)seen / values);
        }

        Estimate.AgreesWith(1 - Math.Pow(1 - p, rounds), shares);
    }

    [Theory]
    [InlineData(Topology.Matching, 0, 13, 15)]
    [InlineData(Topology.Matching, 0.01, 13, 15)]
    [InlineData(Topology.Hypercube, 0, 9, 9)]
    [InlineData(Topology.Hypercube, 0.01, 10, 11)]
    public void Values_of_512_nodes_are_together_after_as_many_rounds_as_published(Topology topology, double failureRate, int least, int most)
    {
        SimulationSettings settings = Simulations.Of(Swap with { Topology = topology }, nodes: 512, rounds: 18) with { Repeat = 3 };
        SimulationResult result = Simulator.Run(settings with { Network = settings.Network with { FailureRate = failureRate } });
        Assert.InRange(result.RoundsUntil(1e-4)!.Value, least, most);
    }
}
