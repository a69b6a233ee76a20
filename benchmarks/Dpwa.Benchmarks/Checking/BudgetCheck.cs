using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Dpwa.Benchmarks.Checking;

/// <summary>Measures briefly, in this process, and compares with the budgets. Benchmarks of one class run right after each other, so that a machine that
/// drifts slows both sides of a ratio; each side counts by its least disturbed iteration; and a class that exceeds a budget is measured again,
/// because other work on the machine is not a fault of the code. Code that is too slow exceeds it every time.</summary>
internal static class BudgetCheck
{
    private const int Attempts = 3;

    public static int Run(string budgetFile, TextWriter output)
    {
        IReadOnlyList<Budget> budgets = Budget.Load(budgetFile);
        var held = new List<Verdict>();
        for (int attempt = 1; ; attempt++)
        {
            Dictionary<string, Cost> costs = Measure(ClassesOf(budgets));
            Verdict[] verdicts = [.. budgets.Select(b => Verdict.Of(b, costs))];
            held.AddRange(verdicts.Where(v => v.Holds));
            Verdict[] exceeded = [.. verdicts.Where(v => !v.Holds)];
            if (exceeded.Length == 0 || attempt == Attempts)
            {
                Report(held, exceeded, output);
                return exceeded.Length == 0 ? 0 : 1;
            }

            output.WriteLine($"measuring again: {string.Join(", ", exceeded.Select(v => v.Budget.Benchmark))}");
            budgets = [.. exceeded.Select(v => v.Budget)];
        }
    }

    private static Type[] ClassesOf(IReadOnlyList<Budget> budgets)
    {
        HashSet<string> wanted = [.. budgets.Select(b => b.Benchmark[..b.Benchmark.IndexOf('.', StringComparison.Ordinal)])];
        Type[] classes = [.. typeof(BudgetCheck).Assembly.GetTypes().Where(t => t.IsPublic && wanted.Contains(ClassName(t)))];
        return classes.Length == wanted.Count
            ? classes
            : throw new InvalidDataException($"budgets.json names what is not there: {string.Join(", ", wanted.Except(classes.Select(ClassName)))}");
    }

    private static Dictionary<string, Cost> Measure(Type[] classes)
    {
        // Many short iterations, of which the shortest counts: a long one is always disturbed on a machine that does other things too.
        Job brief = Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithWarmupCount(1)
            .WithIterationTime(TimeInterval.FromMilliseconds(10))
            .WithIterationCount(50)
            .WithEvaluateOverhead(false);
        IConfig config = ManualConfig.CreateEmpty()
            .AddJob(brief)
            .AddLogger(NullLogger.Instance)
            .WithOptions(ConfigOptions.DisableLogFile | ConfigOptions.DisableOptimizationsValidator)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "dpwa-benchmarks"));
        var costs = new Dictionary<string, Cost>(StringComparer.Ordinal);
        foreach (Type type in classes)
        {
            foreach (BenchmarkReport report in BenchmarkRunner.Run(type, config).Reports)
            {
                if (report.ResultStatistics is { } statistics)
                    costs[NameOf(report)] = new(Allocations.OfCall(report.BenchmarkCase.Descriptor.WorkloadMethod), statistics.Min);
            }
        }

        return costs;
    }

    private static void Report(IEnumerable<Verdict> held, IEnumerable<Verdict> exceeded, TextWriter output)
    {
        output.WriteLine($"| {"benchmark",-34} | {"allocated",10} | {"budget",10} | {"ratio",6} | {"budget",6} | {"compared with",-28} |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (Verdict v in held.Concat(exceeded))
        {
            output.WriteLine($"| {v.Budget.Benchmark,-34} | {v.Allocated,10:N0} | {v.Budget.Allocated?.ToString("N0") ?? "any",10} | {v.Ratio,6:F2} | {v.Budget.Times,6:F2} "
                + $"| {v.Budget.Of,-28} |{(v.Holds ? "" : " EXCEEDED")}");
        }
    }

    private static string NameOf(BenchmarkReport report) =>
        $"{ClassName(report.BenchmarkCase.Descriptor.Type)}.{report.BenchmarkCase.Descriptor.WorkloadMethod.Name}";

    private static string ClassName(Type type) => type.Name.EndsWith("Benchmarks", StringComparison.Ordinal) ? type.Name[..^"Benchmarks".Length] : type.Name;
}
