using System.Reflection;
using BenchmarkDotNet.Attributes;

namespace Dpwa.Benchmarks.Checking;

/// <summary>What a benchmark takes from the heap, exactly: the median of single calls, so that what the runtime itself takes now and then does not
/// count. (BenchmarkDotNet divides all of an iteration by its calls, which blurs a call of milliseconds.)</summary>
internal static class Allocations
{
    private const int Warm = 30;
    private const int Measured = 31;

    /// <summary>Bytes of one call, whatever thread they were taken on.</summary>
    public static long OfCall(MethodInfo benchmark)
    {
        Type type = benchmark.DeclaringType!;
        object instance = Activator.CreateInstance(type)!;
        Find<GlobalSetupAttribute>(type, benchmark, a => a.Targets)?.Invoke(instance, null);
        try
        {
            return benchmark.ReturnType == typeof(void)
                ? Median(benchmark.CreateDelegate<Action>(instance))
                : (long)typeof(Allocations).GetMethod(nameof(MedianOf), BindingFlags.NonPublic | BindingFlags.Static)!
                    .MakeGenericMethod(benchmark.ReturnType).Invoke(null, [benchmark, instance])!;
        }
        finally
        {
            Find<GlobalCleanupAttribute>(type, benchmark, a => a.Targets)?.Invoke(instance, null);
        }
    }

    private static long MedianOf<T>(MethodInfo benchmark, object instance)
    {
        Func<T> call = benchmark.CreateDelegate<Func<T>>(instance);
        return Median(() => call());
    }

    private static long Median(Action call)
    {
        long[] calls = new long[Warm + Measured];
        for (int i = 0; i < calls.Length; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            call();
            calls[i] = GC.GetTotalAllocatedBytes(precise: true) - before;
        }

        return calls[Warm..].Order().ElementAt(Measured / 2);
    }

    /// <summary>The set-up of this benchmark: its own, else the one for all.</summary>
    private static MethodInfo? Find<T>(Type type, MethodInfo benchmark, Func<T, string[]> targets)
        where T : Attribute =>
        type.GetMethods()
            .Select(m => (Method: m, Targets: m.GetCustomAttribute<T>() is { } a ? targets(a) ?? [] : null))
            .Where(m => m.Targets is not null && (m.Targets.Length == 0 || m.Targets.Contains(benchmark.Name)))
            .OrderByDescending(m => m.Targets!.Length)
            .FirstOrDefault().Method;
}
