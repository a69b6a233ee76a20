using Dpwa.Simulation.Runs;

namespace Dpwa.Tests.Simulation;

/// <summary>What theory predicts of fetching from a random peer, held against the production state machines.</summary>
public class PullTheoryTests
{
    private const int N = 8;

    /// <summary>E[V′]/V when everyone pulls at once from a random peer with a = ½.</summary>
    private const double Contraction = (N - 2.0) * (2 * N - 3) / (4 * (N - 1) * (N - 1));

    [Fact]
    public void Everyone_pulling_at_once_contracts_by_the_predicted_factor()
    {
        SimulationSettings settings = Simulations.Of(new(), N, rounds: 8, dimension: 4) with { Repeat = 150 };
        Estimate.AgreesWith(Contraction, Simulations.Factors(settings), sharpness: 0.06);
    }

    [Fact]
    public void Pulling_does_not_conserve_the_mean()
    {
        SimulationResult result = Simulator.Run(Simulations.Of(new(), N, rounds: 10, dimension: 4) with { Repeat = 10 });
        Assert.True(result.Rounds[^1].Loss > 1e-3, $"the mean moved by {result.Rounds[^1].Loss}");
    }

    [Theory]
    [InlineData(StepOrder.BeforeSend, ApplyForm.Parameters, Contraction)]
    [InlineData(StepOrder.DuringFetch, ApplyForm.Delta, 1)]
    [InlineData(StepOrder.DuringFetch, ApplyForm.Parameters, 0.25)]
    public void Noise_and_pulling_come_to_a_steady_distance(StepOrder order, ApplyForm form, double keptOfStep)
    {
        // V′ = Contraction·V + kept·(N − 1)·η²σ², at rest: a step before UpdateSend is contracted with everything else; one during the fetch is kept, in the parameters form half of it.
        const double rate = 0.5;
        SimulationSettings settings = Simulations.Of(new() { Apply = form }, N, rounds: 150) with { StepOrder = order, Problem = Simulations.Noise(dimension: 8, rate), Repeat = 20 };
        double predicted = keptOfStep * (N - 1) * rate * rate / (1 - Contraction);
        Estimate.AgreesWith(predicted, Simulations.Steady(settings, from: 30), sharpness: 0.06);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.01)]
    public void Values_of_512_nodes_are_together_after_14_rounds(double failureRate)
    {
        SimulationSettings settings = Simulations.Of(new(), nodes: 512, rounds: 18) with { Repeat = 3 };
        SimulationResult result = Simulator.Run(settings with { Network = settings.Network with { FailureRate = failureRate } });
        Assert.InRange(result.RoundsUntil(1e-4)!.Value, 13, 15);
    }
}
