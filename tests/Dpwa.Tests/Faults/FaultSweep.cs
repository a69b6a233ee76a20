namespace Dpwa.Tests.Faults;

/// <summary>Many seeds.</summary>
internal static class FaultSweep
{
    /// <summary>The report of a failing run ends with what happened last.</summary>
    private static readonly int LastLines = int.TryParse(Environment.GetEnvironmentVariable("DPWA_FAULT_LINES"), out int lines) ? lines : 60;

    /// <summary>Runs seeds on all cores, each in one thread, and gives what went wrong in all.</summary>
    /// <exception cref="FaultViolation">A seed fails: which, how to run it again, and what happened.</exception>
    public static FaultCounts Run(int first, int count)
    {
        var counts = new FaultCounts();
        int failed = int.MaxValue;
        Parallel.For(first, first + count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, (seed, state) =>
        {
            FaultReport report = FaultRun.Of(seed);
            lock (counts)
            {
                counts.Add(report.Counts);
                if (report.Violation is null)
                    return;
                failed = Math.Min(failed, seed);
            }

            state.Break();
        });
        return failed == int.MaxValue ? counts : throw new FaultViolation(Describe(failed));
    }

    /// <summary>The first seed that fails in a certain way, and why; null when none does. For mutants, which are another copy of all of this: nothing but numbers and text goes in and out.</summary>
    public static string? FirstFailure(int first, int count, string like)
    {
        for (int seed = first; seed < first + count; seed++)
        {
            if (FaultRun.Of(seed).Violation is { } violation && violation.Contains(like, StringComparison.Ordinal))
                return $"seed {seed}: {violation}";
        }

        return null;
    }

    /// <summary>What a seed came to, in words.</summary>
    public static string Describe(int seed)
    {
        FaultReport report = FaultRun.Of(seed, log: true);
        return $"seed {seed}: {report.Violation ?? "nothing is wrong"}\n  again: bash tests/faults.sh 1 {seed}\n  {report.Scenario}\n  {report.Counts}\n{string.Join('\n', report.Log.TakeLast(LastLines))}";
    }
}
