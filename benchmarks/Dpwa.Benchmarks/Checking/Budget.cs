using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dpwa.Benchmarks.Checking;

/// <summary>What one benchmark may cost.</summary>
/// <param name="Benchmark">Its name: the class without "Benchmarks", a dot, the method.</param>
/// <param name="Allocated">Bytes that one call may take from the heap; null: any number.</param>
/// <param name="Times">How many times as long as <paramref name="Of"/> it may take; null: not compared.</param>
/// <param name="Of">The benchmark that it is compared with, measured in the same run.</param>
public sealed record Budget(string Benchmark, long? Allocated, double? Times, string? Of)
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
    };

    /// <summary>Reads a file of budgets.</summary>
    public static IReadOnlyList<Budget> Load(string path) => JsonSerializer.Deserialize<Budget[]>(File.ReadAllText(path), Format)!;
}

/// <summary>What a benchmark took: bytes, and the nanoseconds of its least disturbed iteration.</summary>
public readonly record struct Cost(long Allocated, double Nanoseconds);

/// <summary>One budget and what was measured for it.</summary>
/// <param name="Budget">The budget.</param>
/// <param name="Allocated">Bytes taken by a call.</param>
/// <param name="Ratio">How many times as long as the other; null where nothing is compared.</param>
public sealed record Verdict(Budget Budget, long Allocated, double? Ratio)
{
    /// <summary>Whether the budget holds.</summary>
    public bool Holds => !(Allocated > Budget.Allocated) && !(Ratio > Budget.Times);

    /// <summary>Compares the budget with what was measured.</summary>
    /// <exception cref="InvalidDataException">The budget names a benchmark that was not measured.</exception>
    public static Verdict Of(Budget budget, IReadOnlyDictionary<string, Cost> costs)
    {
        ArgumentNullException.ThrowIfNull(budget);
        ArgumentNullException.ThrowIfNull(costs);
        Cost cost = Find(budget.Benchmark);
        return new(budget, cost.Allocated, budget.Of is null ? null : cost.Nanoseconds / Find(budget.Of).Nanoseconds);

        Cost Find(string name) => costs.TryGetValue(name, out Cost found) ? found : throw new InvalidDataException($"budgets.json names '{name}', which was not measured");
    }
}
