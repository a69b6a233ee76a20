namespace Dpwa.Tests.Faults;

/// <summary>The exchanges of the library, simulated while everything goes wrong that can: see <see cref="FaultRun"/>.</summary>
public class FaultTests(ITestOutputHelper output)
{
    /// <summary>How many seeds, and from which on: <c>tests/faults.sh</c> sets other values.</summary>
    private static readonly int Seeds = Number("DPWA_FAULT_SEEDS", 3000);
    private static readonly int First = Number("DPWA_FAULT_FIRST", 1);

    [Fact(Timeout = 6 * 3600 * 1000)]
    public async Task Nothing_is_torn_lost_doubled_kept_or_blocked_whatever_goes_wrong()
    {
        FaultCounts counts = await Task.Run(() => FaultSweep.Run(First, Seeds), TestContext.Current.CancellationToken);
        output.WriteLine($"{Seeds} seeds from {First}: {counts}");
        if (Seeds == 1)
            output.WriteLine(FaultSweep.Describe(First));
        if (Seeds >= 1000)
            Assert.All(Enum.GetValues<FaultKind>(), kind => Assert.True(counts[kind] > 0, $"{kind} never happened: {counts}"));
    }

    [Fact]
    public void A_seed_gives_the_same_run_to_the_last_message()
    {
        for (int seed = 1; seed <= 60; seed++)
        {
            FaultReport once = FaultRun.Of(seed, log: true), again = FaultRun.Of(seed, log: true);
            Assert.Equal(once.Log, again.Log);
            Assert.Equal(once.Trace, again.Trace);
            Assert.NotEqual(once.Trace, FaultRun.Of(seed + 1000).Trace);
        }
    }

    private static int Number(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), out int number) ? number : otherwise;
}
