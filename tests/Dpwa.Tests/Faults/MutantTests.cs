using Dpwa.Simulation;

namespace Dpwa.Tests.Faults;

/// <summary>That nothing is found means something only if bugs are: see <see cref="Mutants"/>.</summary>
public class MutantTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => [.. Mutants.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_bug_is_found(string mutant)
    {
        string? failure = Mutants.FirstFailure(mutant, seeds: 1000);
        Assert.True(failure is not null, $"1,000 seeds find nothing wrong when {mutant}");
        output.WriteLine($"{mutant}: {failure.Split('\n')[0]}");
    }

    /// <summary>The same machinery finds nothing in the library as it is.</summary>
    [Fact]
    public void Without_a_bug_nothing_is_found() => Assert.Null(FaultSweep.FirstFailure(1, 100, ""));

    /// <summary>Bugs that need no library: a result that changes by itself, and one that nothing explains.</summary>
    [Theory]
    [InlineData(1, "torn")]
    [InlineData(256, "where no method leads")]
    public void A_result_that_is_another_is_found(int elements, string expected)
    {
        FaultScenario scenario = FaultScenario.Draw(1) with { Layout = ParameterLayout.Flat(600) };
        var run = new FaultRun(scenario, new SeededFaults(scenario), log: null)
        {
            HasMixed = (it, node) =>
            {
                VirtualModel model = it.Cluster.Model(node);
                for (int i = 0; i < elements; i++)
                    model.Values()[i] *= 1.01f;
            },
        };
        Assert.Contains(expected, Assert.Throws<FaultViolation>(run.Run).Message, StringComparison.Ordinal);
    }
}
