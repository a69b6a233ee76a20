using System.Collections.Immutable;
using System.Globalization;

namespace Dpwa.Launch.Cpus;

/// <summary>Some of the CPUs of this machine, in ascending order.</summary>
public sealed class CpuSet : IEquatable<CpuSet>
{
    private readonly ImmutableArray<int> _cpus;

    /// <summary>A set of these CPUs; duplicates count once.</summary>
    /// <exception cref="ArgumentException">There are none, or one is negative.</exception>
    public CpuSet(IEnumerable<int> cpus)
    {
        _cpus = [.. cpus.Distinct().Order()];
        if (_cpus.IsEmpty || _cpus[0] < 0) throw new ArgumentException("A CPU set needs at least one CPU, and none negative.", nameof(cpus));
    }

    /// <summary>The CPUs, ascending.</summary>
    public IReadOnlyList<int> Cpus => _cpus;

    /// <summary>How many there are.</summary>
    public int Count => _cpus.Length;

    /// <summary>Shares this out to <paramref name="workers"/> workers in order: neighbouring CPUs, the first workers one more when it does
    /// not come out even, and one CPU each in turn when there are more workers than CPUs.</summary>
    public IReadOnlyList<CpuSet> ShareOut(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        return [.. Enumerable.Range(0, workers).Select(Share)];

        CpuSet Share(int index)
        {
            if (workers >= Count) return new([_cpus[index % Count]]);
            var (each, left) = (Count / workers, Count % workers);
            return new(_cpus.Skip((index * each) + Math.Min(index, left)).Take(each + (index < left ? 1 : 0)));
        }
    }

    /// <summary>Reads the form of <see cref="ToString"/>.</summary>
    /// <exception cref="FormatException">It is not a list of CPUs.</exception>
    public static CpuSet Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new(text.Split(',').SelectMany(part =>
        {
            var ends = part.Split('-').Select(end => int.Parse(end, NumberStyles.None, CultureInfo.InvariantCulture)).ToArray();
            return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1);
        }));
    }

    /// <summary>The form of taskset and of <c>/proc</c>: <c>0-3,8</c>.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        for (int i = 0, end; i < Count; i = end)
        {
            for (end = i + 1; end < Count && _cpus[end] == _cpus[end - 1] + 1;) end++;
            parts.Add(end - i > 1 ? $"{_cpus[i]}-{_cpus[end - 1]}" : $"{_cpus[i]}");
        }

        return string.Join(',', parts);
    }

    /// <inheritdoc/>
    public bool Equals(CpuSet? other) => other is not null && _cpus.AsSpan().SequenceEqual(other._cpus.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CpuSet);

    /// <inheritdoc/>
    public override int GetHashCode() => _cpus.Aggregate(Count, HashCode.Combine);
}
